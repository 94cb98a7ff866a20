"""Handing a section of the form to a colleague by a link: who was given which, and what came in from whom.

A handover stands beside the inputs of the draft it belongs to, and goes with it: what is sent, taken back or returned
has none, so that an old link opens nothing. The filler answers for all of it; his colleague only fills cells.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from forms.definition import FormDefinition, Section
from workflows.deadlines import from_text, to_text
from workflows.links import SectionLink
from workflows.submissions import Draft

PREFIX: Final = "handover."
STREAK: Final = "handover.streak"
"""Which saves of colleagues came on top of the filler's own, and what their sections held before."""
SAVED_BY: Final = "kept.by"
"""Beside the inputs of a draft: the page that saved it, a random name it made up when it was opened."""
LASTS: Final = SectionLink.MAX_AGE
MOST: Final = 10
"""Sections out at once, of one return."""
MAX_NAME: Final = 40
Inputs = Mapping[str, str]


class UnfitHandover(ValueError):
    """Not handed over: no such section, no name, or too many out already. Nothing was stored."""


@dataclass(frozen=True, slots=True)
class Handover:
    """One section given to one colleague: one row per link."""

    id: str
    section: int
    """From 1, in the order of the form."""
    name: str
    """What the filler calls his colleague."""
    made_at: datetime
    came_at: datetime | None = None
    """When cells last came in."""
    cells: int = 0
    """How many cells of the section were filled then."""

    @property
    def ends_at(self) -> datetime:
        """Until when the link opens."""
        return self.made_at + LASTS

    def came(self, at: datetime, cells: int) -> "Handover":
        """The handover after cells came in."""
        return replace(self, came_at=at, cells=cells)

    def written(self) -> dict[str, str]:
        """As it stands beside the inputs of a draft."""
        data = {"section": self.section, "name": self.name, "made": to_text(self.made_at), "cells": self.cells}
        came = {"came": to_text(self.came_at)} if self.came_at else {}
        return {f"{PREFIX}{self.id}": _compact({**data, **came})}


def handovers_of(draft: Draft | None) -> tuple[Handover, ...]:
    """The handovers of a draft, oldest first."""
    entries = draft.inputs.items() if draft else ()
    found = [_read(name, text) for name, text in entries if name.startswith(PREFIX) and name != STREAK]
    return tuple(sorted(found, key=lambda one: (one.made_at, one.id)))


def new_handover(definition: FormDefinition, draft: Draft | None, section: int, name: str, at: datetime) -> Handover:
    """A section for a colleague. Raises `UnfitHandover`."""
    plain = " ".join(name.split())
    if not 1 <= section <= len(definition.sections) or not plain or len(plain) > MAX_NAME:
        raise UnfitHandover
    if len(handovers_of(draft)) >= MOST:
        raise UnfitHandover
    return Handover(secrets.token_hex(6), section, plain, at)


def kept_beside(draft: Draft | None) -> dict[str, str]:
    """What stays beside the inputs when the filler himself saves: the handovers, not the tale of what came before."""
    return {name: text for name, text in _beside(draft).items() if name != STREAK}


def typed_in(inputs: Inputs) -> dict[str, str]:
    """The inputs without what stands beside them."""
    return {name: text for name, text in inputs.items() if not name.startswith(PREFIX)}


def belongs(section: Section, name: str) -> bool:
    """Whether an input is one of a section's: a figure, a status or a note of its items, or a cell of its table."""
    if section.table is not None:
        return name.startswith(f"{section.table.key}.")
    keys = {item.key for item in section.items}
    return name in keys or any(name == f"{key}-{part}" for key in keys for part in ("status", "note"))


def part_of(section: Section, inputs: Inputs) -> dict[str, str]:
    """The inputs of a section."""
    return {name: text for name, text in inputs.items() if text and belongs(section, name)}


def digest_of(section: Section, inputs: Inputs) -> str:
    """16 hex digits that tell whether a section still reads the same."""
    part = sorted(part_of(section, inputs).items())
    return hashlib.sha256(_compact(part).encode()).hexdigest()[:16]


def with_section(draft: Draft, section: Section, handover: Handover, typed: Inputs) -> dict[str, str]:
    """The inputs of the draft with a colleague's cells in the place of what the section held."""
    others = {n: text for n, text in draft.inputs.items() if n != SAVED_BY and not belongs(section, n)}
    streak = _streak(draft)
    before = {str(handover.section): digest_of(section, draft.inputs), **streak["before"]}
    tale = {"from": streak["from"], "to": draft.version + 1, "before": before}
    return {**others, **part_of(section, typed), **handover.written(), STREAK: _compact(tale)}


def merged(definition: FormDefinition, stored: Draft, inputs: Inputs, base: int) -> dict[str, str] | None:
    """The filler's page on top of what only colleagues saved since, where he touched none of their sections.

    None where it has to be he who looks: somebody else saved too, or he typed in the same section.
    """
    if STREAK not in stored.inputs:
        return None
    streak = json.loads(stored.inputs[STREAK])
    sections = {number: definition.sections[int(number) - 1] for number in streak["before"]}
    is_untouched = all(digest_of(sections[n], inputs) == before for n, before in streak["before"].items())
    if (streak["from"], streak["to"]) != (base, stored.version) or not is_untouched:
        return None
    own = {name: text for name, text in inputs.items() if not any(belongs(one, name) for one in sections.values())}
    came = {name: text for one in sections.values() for name, text in part_of(one, stored.inputs).items()}
    return {**own, **came}


def _streak(draft: Draft) -> dict[str, Any]:
    """The tale so far, if the last save was a colleague's too; else it begins with this draft."""
    tale = json.loads(draft.inputs[STREAK]) if STREAK in draft.inputs else None
    return tale if tale and tale["to"] == draft.version else {"from": draft.version, "before": {}}


def _beside(draft: Draft | None) -> dict[str, str]:
    return {name: text for name, text in draft.inputs.items() if name.startswith(PREFIX)} if draft else {}


def _read(name: str, text: str) -> Handover:
    data = json.loads(text)
    came = from_text(data["came"]) if "came" in data else None
    return Handover(
        name.removeprefix(PREFIX), data["section"], data["name"], from_text(data["made"]), came, data["cells"]
    )


def _compact(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
