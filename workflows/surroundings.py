"""What a return is checked beside: the unit's year before, its other forms of the year, the register's words on it.

A return is checked beside what is there when it is sent; the seal names those revisions. At an acceptance it is checked
beside the same last year, so that nothing blocks what the unit could not have seen, and beside the other forms as they
stand now: a new revision of one opens the rules across them again on the other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from forms.content import Content
from forms.definition import FormDefinition
from forms.records import Surroundings
from forms.whole_check import forms_named
from register.units import Unit, UnitKind
from workflows.machine.states import Stage
from workflows.seals import opened_content
from workflows.services import Services
from workflows.submissions import SealedRevision, Submission, submission_id

LAST: Final = "last"
"""How a seal calls the revision of the year before; the others it calls by their form."""
STANDS: Final = frozenset({Stage.IN_REVIEW, Stage.ACCEPTED})
"""Where what a unit sealed last is what it says: a return that is back in its hands is still to be sealed."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One sealed return of the same unit: `name` is "last", or the form it is on."""

    name: str
    revision: SealedRevision
    content: Content


@dataclass(frozen=True, slots=True)
class Neighbours:
    """All that one return is checked beside. `expected` are the other forms the unit still has to send this year."""

    around: Surroundings
    found: tuple[Neighbour, ...]
    expected: frozenset[str]

    @property
    def stamps(self) -> Mapping[str, Mapping[str, Any]]:
        """What a seal says of them: revision number and hash, by name."""
        return {each.name: {"revision": each.revision.number, "hash": each.revision.hash} for each in self.found}


def neighbours_now(services: Services, submission: Submission, unit: Unit, definition: FormDefinition) -> Neighbours:
    """What a return that is filled or sent now is checked beside."""
    earlier = _year_before(services, submission)
    stands = earlier.state.in_tables if earlier else None
    last = _opened(services, LAST, earlier, stands.revision) if earlier and stands else None
    return _together(services, submission, unit, definition, last)


def neighbours_of_seal(
    services: Services, submission: Submission, unit: Unit, definition: FormDefinition, sealed: Mapping[str, Any]
) -> Neighbours:
    """What a sealed return is checked beside: last year as its seal names it, the other forms as they stand now."""
    stamp = sealed.get("beside", {}).get(LAST)
    earlier = _year_before(services, submission) if stamp else None
    last = _opened(services, LAST, earlier, stamp["revision"]) if earlier and stamp else None
    return _together(services, submission, unit, definition, last)


def last_accepted(services: Services, submission: Submission) -> Content | None:
    """The figures accepted from the same unit on the same form for the year before."""
    earlier = _year_before(services, submission)
    stands = earlier.state.in_tables if earlier else None
    found = _opened(services, LAST, earlier, stands.revision) if earlier and stands else None
    return found.content if found else None


def attributes_of(unit: Unit) -> Mapping[str, str]:
    """The register's words on a unit, as rules name them; an office has no credit code."""
    return {
        "credit_code": unit.unit_id if unit.kind is UnitKind.ENTERPRISE else "",
        "kind": unit.kind.value,
        "region_code": unit.region_code,
        "industry_code": unit.industry_code,
        "size": unit.size.value if unit.size else "",
        "starred": "1" if unit.starred else "0",
    }


def _together(
    services: Services, submission: Submission, unit: Unit, definition: FormDefinition, last: Neighbour | None
) -> Neighbours:
    expected, others = set[str](), list[Neighbour]()
    for form, other in _other_returns(services, submission, definition):
        found = _opened(services, form, other, other.state.revision) if other.state.stage in STANDS else None
        if found:
            others.append(found)
        elif other.state.stage is not Stage.DISPOSED:
            expected.add(form)
    around = Surroundings(
        last.content if last else None,
        {other.name: other.content for other in others},
        attributes_of(unit),
        submission.identity.year,
    )
    return Neighbours(around, (*((last,) if last else ()), *others), frozenset(expected))


def _other_returns(
    services: Services, submission: Submission, definition: FormDefinition
) -> Iterator[tuple[str, Submission]]:
    identity = submission.identity
    for form in forms_named(definition):
        key = submission_id(services.store.home_key(), identity.year, form, identity.unit_id)
        other = services.store.submission(key)
        if other is not None:
            yield form, other


def _year_before(services: Services, submission: Submission) -> Submission | None:
    identity = submission.identity
    key = submission_id(services.store.home_key(), identity.year - 1, identity.form, identity.unit_id)
    return services.store.submission(key)


def _opened(services: Services, name: str, submission: Submission, number: int) -> Neighbour | None:
    revision = services.store.revision(submission.id, number)
    return Neighbour(name, revision, opened_content(services, revision)[1]) if revision else None
