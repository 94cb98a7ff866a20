"""Errors that people make are questioned, and careful people are let alone: measured on invented returns.

Clean returns and spoiled ones are made without a look at any rule (`enterprises`, `spoiling`); each goes through the
whole check with last year, the other form, the register and its peers (`checking`). A spoiled return is questioned only
by what was not said of it before it was spoiled. The seed and all rates are printed: `pytest -s`.
"""

import ast
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.generator.checking import EXPLANATIONS, FORMS, Outcome, beside_peers, outcomes
from tests.generator.enterprises import Firm, firms
from tests.generator.spoiling import KINDS, spoiled

RECALL, ACCUSED, ASKED = 0.95, 0.01, 0.10
SECOND = 1_000_000
"""Spoiled returns stand beside the clean ones as further firms, numbered from here."""


@dataclass(slots=True)
class Measured:
    """What came out: returns by form and by what they met, and spoiled returns by kind."""

    clean: int
    at_work: int
    met: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Clean returns of a form that met a severity."""
    rules: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Clean returns of a form on which a rule of a severity fired."""
    spoiled: Counter[str] = field(default_factory=Counter)
    questioned: Counter[str] = field(default_factory=Counter)
    by_rule: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Spoiled returns that a rule of a severity questioned."""

    @property
    def recall(self) -> float:
        """The share of spoiled returns that were questioned."""
        return self.questioned.total() / self.spoiled.total()

    def rate(self, form: str, *severities: str) -> float:
        """The share of clean returns of a form that met the worst of these severities."""
        return max(self.met[form, severity] for severity in severities) / self.clean

    def told(self) -> str:
        """All of it as a table."""
        lines = [f"{self.clean} clean firms, {self.at_work} with R&D; {self.spoiled.total()} spoiled returns"]
        for form in FORMS:
            rates = ", ".join(f"{severity} {self.met[form, severity]}" for severity in ("fatal", "firm", "query"))
            lines.append(f"clean {form} met: {rates}")
        wrong = {(rule, severity) for _, rule, severity in self.rules}
        for rule, severity in sorted(wrong | self.by_rule.keys()):
            false = "  ".join(f"{form} {self.rules[form, rule, severity] / self.clean:7.2%}" for form in FORMS)
            recall = self.by_rule[rule, severity] / self.spoiled.total()
            lines.append(f"{rule:14} {severity:6} questions {recall:6.1%} of the spoiled; of the clean {false}")
        lines += [f"{kind:44} {self.questioned[kind]:4} of {many}" for kind, many in self.spoiled.items()]
        return "\n".join([*lines, f"questioned: {self.recall:.1%} of the spoiled returns"])


def measure(count: int, seed: int) -> Measured:
    """So many clean firms with both forms, and as many spoiled returns."""
    print(f"\nseed {seed}")
    clean = firms(count, seed)
    found = Measured(count, sum(1 for firm in clean if firm.now.figures["rd_cost_total"]))
    peers = beside_peers(clean)
    before = {firm.number: outcomes(firm, peers) for firm in clean}
    for said in before.values():
        for form, outcome in said.items():
            found.met.update((form, severity) for severity in outcome.severities)
            found.rules.update((form, *rule) for rule in outcome.rules)
    _measure_spoiled(found, clean, before, count, seed)
    print(found.told())
    return found


def _measure_spoiled(
    found: Measured, clean: Sequence[Firm], before: Mapping[int, Mapping[str, Outcome]], count: int, seed: int
) -> None:
    wrong = spoiled(clean, count, seed + 1)
    renumbered = [replace(other, number=SECOND + place) for place, (_, _, other) in enumerate(wrong)]
    peers = beside_peers([*clean, *renumbered])
    for (kind, firm, _), other in zip(wrong, renumbered, strict=True):
        known = {rule for outcome in before[firm.number].values() for rule in outcome.rules}
        said = {rule for outcome in outcomes(other, peers).values() for rule in outcome.rules} - known
        found.spoiled[kind] += 1
        found.questioned[kind] += bool(said)
        found.by_rule.update(said)


def require(found: Measured) -> None:
    """The bars."""
    assert found.recall >= RECALL
    for form in FORMS:
        assert found.rate(form, "fatal", "firm") <= ACCUSED, form
        assert found.rate(form, "query") <= ASKED, form


def test_a_sample_of_errors_is_questioned_and_careful_returns_are_not() -> None:
    require(measure(400, 2_026))


@pytest.mark.long
def test_of_two_thousand_errors_nineteen_in_twenty_are_questioned() -> None:
    found = measure(2_000, random.SystemRandom().randrange(2**31))
    require(found)
    assert min(found.spoiled.values()) >= 40


def test_stock_words_under_a_true_move_are_refused() -> None:
    clean = firms(150, 5)
    luck, told = random.Random(6), 0
    for firm in clean:
        moved = KINDS["107-2 stock words"](firm, luck)
        if moved is not None:
            said = outcomes(moved, {})["107-2"].rules
            assert (EXPLANATIONS, "query") in said or not any(severity in {"firm", "query"} for _, severity in said)
            told += (EXPLANATIONS, "query") in said
    assert told > 50


def test_the_same_seed_makes_the_same_firms_and_the_same_errors() -> None:
    assert firms(40, 9) == firms(40, 9) != firms(40, 10)
    assert spoiled(firms(40, 9), 50, 1) == spoiled(firms(40, 9), 50, 1)


def test_every_kind_of_error_is_made() -> None:
    assert {kind for kind, _, _ in spoiled(firms(200, 3), len(KINDS), 4)} == KINDS.keys()


@pytest.mark.parametrize("module", ["enterprises", "spoiling"])
def test_what_makes_returns_and_errors_looks_at_no_rule_of_ours(module: str) -> None:
    tree = ast.parse((Path(__file__).parent / f"{module}.py").read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    ours = ("forms", "workflows", "register", "indicators", "handlers", "infra")
    assert not [name for name in imported if name.split(".")[0] in ours]
