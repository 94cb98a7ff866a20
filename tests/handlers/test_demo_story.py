"""The example years end to end: one demo, then what its tables, its pages and its words must show."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from handlers.bootstrap import Zhibao, settings_from_environment, wire
from handlers.demo.comparing import Verdict
from handlers.demo.shipped import Cell
from handlers.demo.story import DemoResult, run_demo
from indicators.publishing import latest, read_table
from indicators.tables import definition_of
from workflows.audit import verify
from workflows.filing import open_desk
from workflows.links import FilingLink, ReviewLink, SignInLink
from workflows.machine.states import Stage
from workflows.permissions import roles_of
from workflows.reviewing import open_case


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DemoResult, str, Zhibao]]:
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ZHIBAO_MAIL", "ZHIBAO_SECRET_KEYS", "ZHIBAO_BASE_URL", "ZHIBAO_REVIEW_CONFIRM"):
            patch.delenv(name, raising=False)
        home = tmp_path_factory.mktemp("demo")
        result = run_demo(home, said.append, progress=False)
        installation = wire(settings_from_environment({"ZHIBAO_HOME": str(home)}))
    yield result, "\n".join(said), installation
    installation.close()


@pytest.fixture
def result(demo: tuple[DemoResult, str, Zhibao]) -> DemoResult:
    return demo[0]


@pytest.fixture
def told(demo: tuple[DemoResult, str, Zhibao]) -> str:
    return demo[1]


@pytest.fixture
def home(demo: tuple[DemoResult, str, Zhibao]) -> Zhibao:
    return demo[2]


def records(home: Zhibao, name: str, year: int) -> list[dict[str, str]]:
    manifest = latest(home.objects, name, year)
    assert manifest is not None
    return read_table(home.objects, manifest, definition_of(name)).records()


def row(home: Zhibao, region: str, year: int) -> dict[str, str]:
    return next(row for row in records(home, "region_indicators", year) if row["region_code"] == region)


def stages(home: Zhibao, year: int) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for count in home.store.progress(year):
        counts[count.stage, count.level] += count.count
    return counts


def token(address: str) -> str:
    return address.rpartition("/")[2]


def test_dongchuan_of_2019_holds_what_its_office_filed(home: Zhibao) -> None:
    dongchuan = row(home, "530113", 2019)
    assert (dongchuan["rd_expenditure"], dongchuan["basis"]) == ("8970", "own")
    assert dongchuan["patents_granted"] == ""
    assert dongchuan["innovation_contest_awards"] == "1"


def test_the_average_growth_of_kunming_is_the_engines_own(home: Zhibao) -> None:
    growth = Decimal(row(home, "530100", 2020)["rd_expenditure_growth_avg"])
    assert growth.quantize(Decimal("0.0001")) == Decimal("10.3895")


def test_published_figures_of_the_province_stand_before_sums(home: Zhibao) -> None:
    assert row(home, "530000", 2020)["rd_expenditure"] == "2460000"
    assert row(home, "530000", 2019)["hnte_count"] == "1472"


def test_where_both_parts_are_known_the_print_comes_out(result: DemoResult) -> None:
    verdicts = {(one.check.region_code, one.check.year, one.check.indicator): one.verdict for one in result.comparisons}
    agreeing = {key for key, verdict in verdicts.items() if verdict is Verdict.AGREES}
    assert agreeing == {
        ("530100", 2019, "rd_expenditure_growth_avg"),
        ("530100", 2015, "above_scale_ent_rd_share"),
        ("530100", 2019, "above_scale_ent_rd_share"),
        ("530000", 2019, "rd_intensity_gdp"),
        ("530000", 2020, "rd_intensity_gdp"),
    }
    assert verdicts["530100", 2020, "rd_expenditure_growth_avg"] is Verdict.LAST_DIGIT
    assert Verdict.DIFFERS not in verdicts.values()


def test_what_cannot_be_computed_names_the_part_that_was_never_printed(result: DemoResult) -> None:
    missing = {
        (one.check.region_code, one.check.year, one.check.indicator): one.missing
        for one in result.comparisons
        if one.verdict is Verdict.NOT_COMPUTABLE
    }
    assert missing["530113", 2019, "rd_intensity_gdp"] == (Cell("530113", 2019, "gdp"),)
    assert missing["530100", 2020, "sci_service_revenue_gdp_ratio"] == (Cell("530100", 2020, "gdp"),)
    assert missing["530113", 2020, "gdp_per_capita"] == (Cell("530113", 2020, "resident_population"),)
    assert all(missing.values())


def test_a_rank_is_not_compared_when_most_cities_are_unknown(result: DemoResult) -> None:
    rank = next(one for one in result.comparisons if one.check.indicator == "rd_rank_in_parent")
    assert (rank.verdict, rank.known, rank.siblings) == (Verdict.NOT_COMPARABLE, 2, 16)


def test_the_demo_says_what_it_found(told: str) -> None:
    assert "印 printed 10.40%，算 computed 10.3895%" in told
    assert "not computable: GDP 2019 missing" in told
    assert re.search(r"^ *23\. ", told, re.MULTILINE)


def test_every_year_has_its_three_tables(result: DemoResult) -> None:
    assert set(result.tables) == {2015, 2019, 2020, 2021, 2024, 2025}
    for tables in result.tables.values():
        names = {name for name, _ in tables}
        assert names == {"region_indicators", "enterprise_totals", "response_rates"}


def test_the_closed_year_is_nearly_all_accepted(home: Zhibao) -> None:
    found = stages(home, 2024)
    assert found["accepted", ""] > 280
    assert found["in_review", "city"] == 1
    assert found["not_started", ""] > 0
    assert all(collection.is_closed(datetime.now(UTC)) for collection in home.store.collections(2024))


def test_a_few_returns_of_the_closed_year_were_corrected(home: Zhibao) -> None:
    sealed = home.store.sealed(2024, {}, "", 500).rows
    assert 5 <= sum(submission.state.revision == 2 for submission in sealed) <= 20


def test_the_open_year_stands_everywhere(home: Zhibao) -> None:
    found = stages(home, 2025)
    for stage in (
        ("draft", ""),
        ("in_review", "county"),
        ("in_review", "city"),
        ("in_review", "province"),
        ("returned", ""),
        ("accepted", ""),
    ):
        assert found[stage] > 0, stage
    [collection] = home.store.collections(2025)
    assert not collection.is_closed(datetime.now(UTC))
    assert collection.calendar.due > datetime.now(UTC)


def test_every_chain_and_seal_holds(home: Zhibao) -> None:
    assert verify(home.services).faults == ()


def test_nothing_is_left_undelivered(home: Zhibao) -> None:
    assert home.store.pending_count() == 0


def test_the_fillers_links_open_his_form(home: Zhibao, result: DemoResult) -> None:
    new = open_desk(home.services, home.services.links.read(FilingLink, token(result.leads.filler)))
    assert new.editable
    assert new.submission.state.stage is Stage.NOT_STARTED
    assert new.last_year is not None
    link = home.services.links.read(FilingLink, token(result.leads.filler_returned))
    returned = open_desk(home.services, link)
    assert returned.editable
    assert "千元" in returned.return_comment


@pytest.mark.parametrize("level", ["county", "city", "province"])
def test_the_reviewers_links_can_decide(home: Zhibao, result: DemoResult, level: str) -> None:
    address = getattr(result.leads, f"{level}_reviewer")
    case = open_case(home.services, home.services.links.read(ReviewLink, token(address)))
    assert case.refusal is None
    assert case.last_year is not None


def test_the_office_user_can_sign_in(home: Zhibao, result: DemoResult) -> None:
    link = home.services.links.read(SignInLink, token(result.leads.sign_in))
    assert [member.email for member in roles_of(home.services, link.person)] == [result.leads.office_address]


def test_a_demo_home_decides_by_link_alone(result: DemoResult) -> None:
    settings = settings_from_environment({"ZHIBAO_HOME": str(result.home)})
    assert settings.is_demo
    assert settings.review_confirm == "link"


def test_a_demo_sends_nothing_over_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBAO_MAIL", "smtp")
    monkeypatch.setenv("ZHIBAO_SMTP_HOST", "mail.example")
    with pytest.raises(ValueError, match="ZHIBAO_MAIL"):
        run_demo(tmp_path, print, progress=False)
    assert list(tmp_path.iterdir()) == []
