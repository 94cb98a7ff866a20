"""What a return costs on AWS, from measured calls and list prices: the engine stays cheap, mail is what costs."""

import json
from pathlib import Path

import yaml

from docs.cost_page import ENGINE, IDLE, per_month, per_thousand

DOCS = Path(__file__).parents[1] / "docs"
STEPS = json.loads((DOCS / "dynamodb_calls.json").read_text(encoding="utf-8"))
PRICES = yaml.safe_load((DOCS / "prices.yaml").read_text(encoding="utf-8"))


def test_the_engine_costs_less_than_six_cents_per_thousand_returns() -> None:
    transitions = sum(step["transition"] for step in STEPS.values())
    assert per_thousand(STEPS, PRICES)[ENGINE] == transitions * PRICES["dynamodb_write_units_per_million"] / 1000 < 0.06


def test_mail_is_the_largest_part_and_all_of_it_is_about_a_dollar() -> None:
    costs = per_thousand(STEPS, PRICES)
    mail = max(costs, key=lambda name: costs[name])
    assert mail.startswith("SES")
    assert 0.5 < sum(costs.values()) < 1.5


def test_an_idle_sweep_is_paid_by_the_month_and_not_by_the_return() -> None:
    assert STEPS[IDLE]["transition"] == 0
    assert 0 < per_month(STEPS, PRICES) < 1
    doubled = {**STEPS, IDLE: {**STEPS[IDLE], "lease": 4}}
    assert per_thousand(doubled, PRICES) == per_thousand(STEPS, PRICES)
