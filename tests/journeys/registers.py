"""Rows of register files around an invented province, and pages filled without a mistake."""

from collections.abc import Mapping

from tests.journeys.driver import SIGN_OFF, credit_code, csv_text
from tests.journeys.pages import Form

Row = dict[str, str]
PROVINCE = "990000"
_NO_ITEMS = {"csrf_token", "draft_version", "report_date", "action", *SIGN_OFF}


def region(code: str, name: str, level: str, parent: str = "", *, zone_role: str = "", hosts: str = "") -> Row:
    """One row of a regions file."""
    names = {"name_zh": name, "name_en": f"Region {code}"}
    zone = {"zone_role": zone_role, "host_codes": hosts}
    return {"code": code, **names, "level": level, "parent_code": parent, **zone}


def enterprise(serial: int, region_code: str, *, industry: str = "3911", body: str = "", starred: bool = False) -> Row:
    """One enterprise's row of a units file."""
    return {
        "unit_id": credit_code(serial),
        "name": f"示例企业{serial}号",
        "kind": "enterprise",
        "region_code": region_code,
        "reviewing_body": body,
        "industry_code": industry,
        "email": f"unit{serial}@units.example",
        "size": "S",
        "starred": "1" if starred else "0",
    }


def office(region_code: str, kind: str) -> Row:
    """One county or city office's row of a units file."""
    row = enterprise(0, region_code, industry="")
    names = {"unit_id": f"office-{region_code}", "name": f"{region_code}科技局"}
    return {**row, **names, "kind": kind, "email": f"office{region_code}@offices.example", "size": ""}


def reviewer(region_code: str, letter: str = "a", **cells: str) -> Row:
    """One holder's row of a staff file."""
    email = f"reviewer{region_code}{letter}@review.example"
    row = {"email": email, "name": f"审核{region_code}{letter}", "role": "reviewer", "region_code": region_code}
    return {**row, "from": "", "to": "", **cells}


def one_county(enterprises: int, *, holders: str = "a", body: str = "") -> tuple[str, str, str]:
    """A province with one city and one county full of enterprises: regions, units and staff as CSV."""
    regions = [
        region(PROVINCE, "示例省", "province"),
        region("990100", "示例甲市", "city", PROVINCE),
        region("990101", "示例甲一县", "county", "990100"),
    ]
    units = [enterprise(serial, "990101", body=body) for serial in range(1, enterprises + 1)]
    staff = [reviewer("990101", letter) for letter in holders]
    staff += [reviewer("990100"), reviewer(PROVINCE)]
    return csv_text(regions), csv_text(units), csv_text(staff)


def item_keys(form: Form) -> list[str]:
    """The item inputs of a filing page, in its order."""
    return [name for name in form.fields if name not in _NO_ITEMS and "-" not in name]


def quiet_year(form: Form, figures: Mapping[str, str] | None = None) -> dict[str, str]:
    """Every item 0 but the figures given, and the sign-off: what can be sent on any form."""
    return {**dict.fromkeys(item_keys(form), "0"), **SIGN_OFF, **(figures or {})}
