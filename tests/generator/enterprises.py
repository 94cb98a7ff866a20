"""Invented enterprises that file 107-1 and 107-2 in two years, carefully: skewed, with zeros, all sums right.

It knows the items of the forms and what they mean in a firm, and no rule of ours: nothing of the product is imported.
Money is in thousand yuan, working time in person-months. The magnitudes are round ones from public summaries: a few
firms spend most of the money; a quarter of those asked do no R&D; spending moves from year to year like a Laplace
variable, so that most change little and some much (as growth rates of firms do: Stanley et al., Nature 379, 1996).
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

YEAR = 2031
Figures = dict[str, int]
Project = dict[str, str]

STAFF = {"L": (1_900, 0.7), "M": (480, 0.4), "S": (110, 0.5), "T": (22, 0.6)}
"""Employees by size class: median, and sigma of the logarithm."""
SIZES = ("L", "M", "S", "T")
SIZE_WEIGHTS = (8, 24, 58, 10)
INDUSTRIES = {
    "1713": ("棉纱", "混纺面料", "再生纤维", "功能织物"),
    "2614": ("磷酸盐", "水处理剂", "缓释肥", "催化剂"),
    "2710": ("三七提取物", "注射液", "缓释片", "中药颗粒"),
    "3110": ("球墨铸铁", "高强螺纹钢", "烧结矿", "连铸坯"),
    "3240": ("铝合金", "锡基焊料", "铜箔", "钛板"),
    "3311": ("桥梁构件", "液压支架", "压力容器", "输送机"),
    "3670": ("变速箱壳体", "制动盘", "线束", "座椅骨架"),
    "3911": ("工控主板", "边缘网关", "传感模块", "电源模组"),
    "4417": ("风机叶片", "光伏支架", "储能系统", "升压站"),
    "6510": ("调度平台", "图像识别引擎", "结算系统", "仿真软件"),
}
CITIES = ("999901", "999902", "999903", "999904")
TOPICS = (
    *("低温烧结", "表面改性", "疲劳寿命", "晶粒细化", "在线检测", "余热回收", "杂质脱除", "轻量化设计", "结构优化"),
    *("抗腐蚀涂层", "智能控制", "快速成型", "噪声抑制", "精密加工", "稳定性提升", "成分均质", "绿色合成", "高效分离"),
    *("故障诊断", "多源数据融合"),
)
ENDINGS = (
    *("关键技术研究", "工艺开发", "机理研究", "装置研制", "技术攻关", "方法研究", "新产品开发", "性能研究"),
    "产业化关键技术研究",
)
ENDING_WEIGHTS = (22, 18, 8, 12, 14, 10, 14, 12, 1)
COSTS = ("direct_input", "depreciation", "amortisation", "design", "commissioning_trial", "outsourced", "other")
COST_SHARES = {
    "direct_input": (1.0, 5.0),
    "depreciation": (0.85, 0.8),
    "amortisation": (0.25, 0.25),
    "design": (0.35, 0.3),
    "commissioning_trial": (0.5, 0.5),
    "outsourced": (0.18, 1.2),
    "other": (0.95, 0.6),
}
"""How many firms have such costs at all, and their weight beside each other."""
SHARES = {
    "admin": (2, 18),
    "female": (4, 12),
    "fulltime": (12, 4),
    "bachelor_plus": (7, 6),
    "external": (1, 25),
    "inst_staff": (8, 4),
    "inst_cost": (8, 4),
    "phd": (1, 30),
    "master": (2, 12),
    "declared": (12, 3),
    "exports": (1, 2),
}
"""How such shares are spread over firms: the two parameters of a beta distribution."""
OUTSIDE = ("institutes", "universities", "enterprises", "abroad")


@dataclass(frozen=True, slots=True)
class Return:
    """What a firm files for one year on both forms."""

    figures: Figures
    projects: tuple[Project, ...]
    reason: str = ""
    """What it says wherever it is asked for a reason."""


@dataclass(frozen=True, slots=True)
class Firm:
    """One enterprise: what the register says of it, this year's return and last year's, if it was asked then."""

    number: int
    size: str
    industry: str
    city: str
    starred: bool
    now: Return
    before: Return | None


@dataclass(slots=True)
class _State:
    """What goes on in a firm, from which its figures follow."""

    staff: int
    wage: float
    costs: dict[str, float]
    has_institute: bool
    institutes: int
    stock_of_patents: int
    equipment: float
    sales_ratio: float
    shares: dict[str, float]
    """Parts of the firm's people and money that stay much the same from year to year."""
    outside: list[float]
    is_new_technology: bool


def firms(count: int, seed: int) -> tuple[Firm, ...]:
    """So many enterprises; the same for the same seed."""
    luck = random.Random(seed)
    return tuple(_firm(number, luck) for number in range(1, count + 1))


def _firm(number: int, luck: random.Random) -> Firm:
    size = luck.choices(SIZES, SIZE_WEIGHTS)[0]
    industry, city = luck.choice(list(INDUSTRIES)), luck.choices(CITIES, (50, 25, 15, 10))[0]
    starred = size == "L" and luck.random() < 0.4
    course = luck.choices(("never", "begins", "stops", "goes on", "new"), (24, 3, 2, 65, 6))[0]
    state = _founded(size, industry, luck)
    at_rest = Return(_zeros(luck, starred=starred), ())
    if course == "never":
        return Firm(number, size, industry, city, starred, at_rest, at_rest)
    if course in {"begins", "new"}:
        now = _return(state, industry, YEAR, luck, starred=starred)
        return Firm(number, size, industry, city, starred, now, at_rest if course == "begins" else None)
    before = _return(state, industry, YEAR - 1, luck, starred=starred)
    if course == "stops":
        return Firm(number, size, industry, city, starred, at_rest, before)
    _a_year_later(state, luck)
    now = _return(state, industry, YEAR, luck, starred=starred, earlier=before)
    return Firm(number, size, industry, city, starred, now, before)


def _founded(size: str, industry: str, luck: random.Random) -> _State:
    median, sigma = STAFF[size]
    employees = median * luck.lognormvariate(0, sigma)
    staff = max(2, round(employees * luck.betavariate(2, 14)))
    wage = 115 * luck.lognormvariate(0, 0.3)
    labour = staff * wage * luck.uniform(0.7, 1.0)
    rest = labour * (1 / min(0.75, max(0.2, luck.betavariate(6, 8))) - 1)
    has = {name: luck.random() < share for name, (share, _) in COST_SHARES.items()}
    weights = {name: luck.gammavariate(COST_SHARES[name][1] * 4, 1) if has[name] else 0.0 for name in COSTS}
    scale = rest / sum(weights.values())
    has_institute = luck.random() < {"L": 0.75, "M": 0.5, "S": 0.22, "T": 0.08}[size]
    return _State(
        staff=staff,
        wage=wage,
        costs={"labour": labour, **{name: weight * scale for name, weight in weights.items()}},
        has_institute=has_institute,
        institutes=1 + (luck.random() < 0.15) if has_institute else 0,
        stock_of_patents=_poisson(luck, staff * 0.12),
        equipment=staff * 60 * luck.lognormvariate(0, 0.7),
        sales_ratio=luck.uniform(4, 18),
        shares={name: luck.betavariate(*shape) for name, shape in SHARES.items()},
        outside=[luck.gammavariate(weight, 1) for weight in (0.5, 0.8, 0.7, 0.1)],
        is_new_technology=luck.random() < 0.4,
    )


def _a_year_later(state: _State, luck: random.Random) -> None:
    growth = _laplace(luck, 0.06, 0.13)
    people = 0.6 * growth + _laplace(luck, 0.0, 0.05)
    before = state.staff
    state.staff = max(2, round(before * _exp(people)))
    state.wage *= luck.lognormvariate(0.04, 0.05)
    state.costs["labour"] *= state.staff / before * luck.lognormvariate(0.04, 0.05)
    for name in COSTS:
        begins_or_ends = luck.random() < 0.04
        if state.costs[name] and not begins_or_ends:
            state.costs[name] *= _exp(growth) * luck.lognormvariate(0, 0.18)
        elif begins_or_ends:
            state.costs[name] = 0.0 if state.costs[name] else state.costs["labour"] * luck.uniform(0.02, 0.15)
    if not any(state.costs[name] for name in COSTS):
        state.costs["direct_input"] = state.costs["labour"] * luck.uniform(0.2, 0.6)
    state.stock_of_patents += _poisson(luck, state.staff * 0.025) - _poisson(luck, state.stock_of_patents * 0.03)
    state.stock_of_patents = max(0, state.stock_of_patents)
    state.equipment *= luck.lognormvariate(0.05, 0.08)
    state.sales_ratio *= luck.lognormvariate(0, 0.12)
    state.shares = {name: min(0.98, share * luck.lognormvariate(0, 0.08)) for name, share in state.shares.items()}


def _return(
    state: _State, industry: str, year: int, luck: random.Random, *, starred: bool, earlier: Return | None = None
) -> Return:
    figures = _zeros(luck, starred=True)
    figures |= _people(state, luck) | _money(state, luck)
    figures |= _institutes(state, figures, luck) | _results(state, figures, luck)
    if not starred:
        figures = {key: value for key, value in figures.items() if key not in STARRED}
    projects = _projects(figures, industry, year, luck, earlier=earlier, starred=starred)
    spent_by_government = sum(int(one["project_cost_government"]) for one in projects)
    subsidy = round(figures["rd_cost_total"] * luck.uniform(0.02, 0.2)) if luck.random() < 0.1 else 0
    figures["rd_src_government"] = min(spent_by_government + subsidy, figures["rd_cost_total"])
    figures |= _sources(figures, luck)
    figures |= _relief(state, figures, earlier, luck)
    return Return(figures, projects)


STARRED = ("new_product_sales", "new_product_exports", "trademarks")
ITEMS = (
    *(f"rd_staff_{name}" for name in ("total", "admin", "female", "fulltime", "bachelor_plus", "external")),
    *(f"rd_cost_{name}" for name in ("total", "labour", "direct_input", "depreciation", "amortisation", "design")),
    *(
        "rd_cost_commissioning_trial",
        "rd_cost_outsourced",
        *(f"rd_cost_out_{name}" for name in OUTSIDE),
        "rd_cost_other",
    ),
    *("rd_fixed_assets_formed", "rd_fixed_assets_equipment"),
    *(f"rd_src_{name}" for name in ("own", "government", "bank_loan", "venture_capital", "other")),
    *("rd_tax_declared", "rd_tax_superdeduction_relief", "hnte_tax_relief"),
    *("rd_inst_count", "rd_inst_staff", "rd_inst_phd", "rd_inst_master", "rd_inst_cost", "rd_inst_equipment_value"),
    *("patents_applied", "patents_applied_invention", "inventions_in_force", "inventions_implemented"),
    *("patent_transfers", "patent_transfer_income", *STARRED, "papers", "standards"),
    *("tech_renovation_cost", "tech_purchase_domestic", "tech_import", "tech_assimilation", "rd_inst_abroad"),
)
"""In the order in which they stand on the form."""
MONEY = tuple(
    key
    for key in ITEMS
    if key.startswith(("rd_cost", "rd_fixed", "rd_src", "rd_tax", "tech_"))
    or key in {"hnte_tax_relief", "rd_inst_cost", "rd_inst_equipment_value", "patent_transfer_income"}
    or key in {"new_product_sales", "new_product_exports"}
)


def _zeros(luck: random.Random, *, starred: bool) -> Figures:
    """A firm without R&D: zeros, and here and there some renovation."""
    figures = dict.fromkeys((key for key in ITEMS if starred or key not in STARRED), 0)
    if luck.random() < 0.1:
        figures["tech_renovation_cost"] = round(300 * luck.lognormvariate(0, 1.2))
    return figures


def _people(state: _State, luck: random.Random) -> Figures:
    staff = state.staff
    return {
        "rd_staff_total": staff,
        **{f"rd_staff_{name}": _part(staff, state.shares[name], luck) for name in ("admin", "female", "external")},
        "rd_staff_fulltime": max(1, _part(staff, state.shares["fulltime"], luck)),
        "rd_staff_bachelor_plus": _part(staff, state.shares["bachelor_plus"], luck),
    }


def _money(state: _State, luck: random.Random) -> Figures:
    costs = {f"rd_cost_{name}": round(value) for name, value in state.costs.items()}
    costs["rd_cost_labour"] = max(1, costs["rd_cost_labour"])
    outside = _split(costs["rd_cost_outsourced"], state.outside)
    formed = round(sum(costs.values()) * luck.uniform(0.02, 0.25)) if luck.random() < 0.45 else 0
    return {
        **costs,
        "rd_cost_total": sum(costs.values()),
        **{f"rd_cost_out_{name}": value for name, value in zip(OUTSIDE, outside, strict=True)},
        "rd_fixed_assets_formed": formed,
        "rd_fixed_assets_equipment": round(formed * luck.uniform(0.7, 1)),
    }


def _institutes(state: _State, figures: Mapping[str, int], luck: random.Random) -> Figures:
    if not state.has_institute:
        return {}
    staff = max(1, round(state.staff * state.shares["inst_staff"]))
    doctors = _part(min(staff, figures["rd_staff_bachelor_plus"]), state.shares["phd"], luck)
    masters = _part(min(staff, figures["rd_staff_bachelor_plus"]) - doctors, state.shares["master"], luck)
    return {
        "rd_inst_count": state.institutes,
        "rd_inst_staff": min(staff, state.staff),
        "rd_inst_phd": doctors,
        "rd_inst_master": masters,
        "rd_inst_cost": round(figures["rd_cost_total"] * state.shares["inst_cost"]),
        "rd_inst_equipment_value": round(state.equipment),
    }


def _results(state: _State, figures: Mapping[str, int], luck: random.Random) -> Figures:
    applied, sales = _poisson(luck, state.staff * 0.09), round(figures["rd_cost_total"] * state.sales_ratio)
    transfers = 1 if luck.random() < 0.02 else 0
    return {
        "patents_applied": applied,
        "patents_applied_invention": _part(applied, 0.4, luck),
        "inventions_in_force": state.stock_of_patents,
        "inventions_implemented": _part(state.stock_of_patents, 0.6, luck),
        "patent_transfers": transfers,
        "patent_transfer_income": transfers * luck.randrange(20, 600),
        "new_product_sales": sales,
        "new_product_exports": round(sales * state.shares["exports"]) if state.shares["exports"] > 0.3 else 0,
        "trademarks": _poisson(luck, 6),
        "papers": _poisson(luck, state.staff * 0.02),
        "standards": _poisson(luck, state.staff * 0.004),
        "tech_renovation_cost": round(900 * luck.lognormvariate(0, 1.3)) if luck.random() < 0.25 else 0,
        "tech_purchase_domestic": round(200 * luck.lognormvariate(0, 1)) if luck.random() < 0.04 else 0,
    }


def _sources(figures: Mapping[str, int], luck: random.Random) -> Figures:
    left = figures["rd_cost_total"] - figures["rd_src_government"]
    loan = round(left * luck.uniform(0.05, 0.4)) if luck.random() < 0.05 else 0
    venture = round(left * luck.uniform(0.05, 0.3)) if luck.random() < 0.01 else 0
    other = round(left * luck.uniform(0.02, 0.2)) if luck.random() < 0.04 else 0
    rest = left - loan - venture - other
    return {
        "rd_src_own": max(0, rest),
        "rd_src_bank_loan": loan,
        "rd_src_venture_capital": venture,
        "rd_src_other": other + min(0, rest),
    }


def _relief(state: _State, figures: Mapping[str, int], earlier: Return | None, luck: random.Random) -> Figures:
    """The additional deduction is 100 % of what was declared, at 25 or 15 % tax; some still have last year's amount."""
    declared = round(figures["rd_cost_total"] * state.shares["declared"]) if state.shares["declared"] > 0.65 else 0
    relief = round(declared * (0.15 if state.is_new_technology else 0.25)) if luck.random() < 0.95 else 0
    if declared and earlier is not None and luck.random() < 0.08:
        relief = earlier.figures["rd_tax_superdeduction_relief"]
    return {
        "rd_tax_declared": declared,
        "rd_tax_superdeduction_relief": relief,
        "hnte_tax_relief": round(figures["rd_cost_total"] * luck.uniform(0.05, 0.4)) if state.is_new_technology else 0,
    }


def _projects(
    figures: Mapping[str, int], industry: str, year: int, luck: random.Random, *, earlier: Return | None, starred: bool
) -> tuple[Project, ...]:
    """Those that go on from last year, and new ones, as many as the people can carry."""
    going_on = [one for one in earlier.projects if one["end_month"] == "000000"] if earlier else []
    wanted = max(1, len(going_on) // 2, min(40, _poisson(luck, figures["rd_staff_total"] / 9)))
    rows = [dict(one) for one in going_on[: max(wanted, 1)]]
    names = {one["project_name"] for one in earlier.projects} if earlier else set()
    while len(rows) < wanted:
        rows.append(_new_project(industry, year, names, luck, is_first=earlier is None))
    for row in rows:
        _dates_and_stage(row, year, luck)
    _shared_out(rows, figures, luck, starred=starred)
    return tuple(rows)


def _new_project(industry: str, year: int, names: set[str], luck: random.Random, *, is_first: bool) -> Project:
    name = ""
    while not name or name in names:
        ending = luck.choices(ENDINGS, ENDING_WEIGHTS)[0]
        topics = luck.sample(TOPICS, 2)
        name = (
            luck.choice(INDUSTRIES[industry]) + topics[0] + ("与" + topics[1] if luck.random() < 0.4 else "") + ending
        )
    names.add(name)
    began = year - 1 if is_first and luck.random() < 0.45 else year
    return {
        "project_name": name,
        "project_source": luck.choices(("1", "2", "3", "4", "5"), (86, 7, 4, 1, 2))[0],
        "project_form": luck.choices(("10", "22", "21", "23", "31", "40"), (84, 5, 2, 5, 2, 2))[0],
        "project_output": luck.choices(("13", "12", "9", "10", "6", "11", "3", "1"), (26, 22, 16, 14, 6, 6, 6, 4))[0],
        "project_goal": luck.choices(("3", "4", "5", "6", "7", "8", "2", "1"), (30, 36, 10, 8, 5, 5, 5, 1))[0],
        "start_month": f"{began}{luck.randrange(1, 13 if began < year else 10):02d}",
        "end_month": "000000",
    }


def _dates_and_stage(row: Project, year: int, luck: random.Random) -> None:
    """Half of the projects end in the year; a project over several years says how far it is."""
    start = int(row["start_month"])
    first_end = max(start % 100 + 3 if start // 100 == year else 3, 3)
    if luck.random() < 0.5 and first_end <= 12:
        row["end_month"] = f"{year}{luck.randrange(first_end, 13):02d}"
    if start // 100 < year:
        row["stage"] = luck.choices(("1", "2", "3", "4"), (40, 30, 20, 10))[0]


def _shared_out(rows: Sequence[Project], figures: Mapping[str, int], luck: random.Random, *, starred: bool) -> None:
    """The year's money, people and working time over its projects; the larger project has more of each."""
    weights = [luck.gammavariate(3, 1) for _ in rows]
    spent = round(figures["rd_cost_total"] * luck.uniform(0.72, 1.0) * (1.04 if luck.random() < 0.02 else 1))
    costs = _split(spent, [weight * luck.lognormvariate(0, 0.45) for weight in weights])
    months = figures["rd_staff_total"] * 12 * luck.uniform(0.6, 0.92)
    of_all = sum(weights)
    for row, weight, cost in zip(rows, weights, costs, strict=True):
        worked = max(1, round(months * weight / of_all * 10)) / 10
        people = max(1, min(figures["rd_staff_total"], _ceil(worked / luck.uniform(5.5, 11))))
        worked = min(worked, people * 11.5)
        given = round(cost * luck.uniform(0.2, 0.9)) if row["project_source"] == "2" and luck.random() < 0.95 else 0
        basic = cost if row["project_goal"] == "1" else 0
        row |= {
            "project_staff": str(people),
            "project_person_months": f"{worked:.1f}",
            "project_cost": str(cost),
            "project_cost_government": str(given),
        }
        if starred:
            own = round(basic * luck.uniform(0.5, 1))
            row |= {
                "project_cost_basic": str(basic),
                "project_cost_basic_own": str(own),
                "project_cost_basic_outsourced": str(basic - own),
            }


def changed(
    firm: Firm, figures: Figures | None = None, projects: Sequence[Project] | None = None, reason: str = ""
) -> Firm:
    """The same firm with another return of this year."""
    now = Return(
        figures if figures is not None else firm.now.figures,
        tuple(projects) if projects is not None else firm.now.projects,
        reason,
    )
    return replace(firm, now=now)


def _part(whole: int, share: float, luck: random.Random) -> int:
    """So many of them, each with the same chance."""
    if whole > 200:
        return min(whole, max(0, round(luck.gauss(whole * share, (whole * share * (1 - share)) ** 0.5))))
    return sum(luck.random() < share for _ in range(whole))


def _split(whole: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers in these proportions that add up."""
    of_all, so_far, given = sum(weights), 0.0, 0
    parts = []
    for weight in weights:
        so_far += weight
        parts.append(round(whole * so_far / of_all) - given)
        given += parts[-1]
    return parts


def _poisson(luck: random.Random, mean: float) -> int:
    if mean > 50:
        return max(0, round(luck.gauss(mean, mean**0.5)))
    count, product, limit = 0, luck.random(), _exp(-mean)
    while product > limit:
        count += 1
        product *= luck.random()
    return count


def _laplace(luck: random.Random, mean: float, spread: float) -> float:
    return mean + spread * (luck.expovariate(1) - luck.expovariate(1))


def _exp(power: float) -> float:
    return 2.718281828459045**power


def _ceil(value: float) -> int:
    return int(-(-value // 1))
