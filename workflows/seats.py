"""Use case of a seat's holders: choosing how the seat is written to."""

from dataclasses import dataclass, replace

from workflows import effects
from workflows.links import InboxLink
from workflows.permissions import require_holder
from workflows.ports import StateConflict
from workflows.seat_settings import SeatSettings, SettingsProblem, SettingsRefused
from workflows.services import Services
from workflows.submissions import OutboxItem
from workflows.words import name_of


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a seat chose last, and the name of who did; blank when nobody has chosen."""

    settings: SeatSettings
    by: str


def chosen(services: Services, region: str) -> Chosen:
    """What holds for a seat now. Changes nothing."""
    settings = services.store.seat_settings(region)
    return Chosen(settings, name_of(services, settings.changed_by) if settings.changed_by else "")


def change_settings(services: Services, link: InboxLink, wanted: SeatSettings) -> SeatSettings:
    """Put another choice in force for all holders of the seat, and promise each of them a letter about it.

    `wanted.version` is the one its author saw. Choosing what holds already changes nothing, so a page sent twice is
    sent once. What was put off to a digest before is still told at its time. Raises `NotAllowed`, `SettingsRefused`.
    """
    require_holder(services, link)
    now, present = services.clock.now(), services.store.seat_settings(link.region)
    made = replace(wanted, region=link.region, version=present.version + 1, changed_by=link.person, changed_at=now)
    if _is_same(made, present):
        return present
    if wanted.version != present.version:
        raise SettingsRefused(SettingsProblem.OVERTAKEN)
    told = OutboxItem(
        f"seat.{link.region}.{made.version}",
        effects.SEAT_CHANGED,
        {"region": link.region, "version": made.version},
        now,
    )
    try:
        services.store.choose(made, [told])
    except StateConflict as conflict:
        raise SettingsRefused(SettingsProblem.OVERTAKEN) from conflict
    return made


def _is_same(one: SeatSettings, other: SeatSettings) -> bool:
    return (one.digest, one.hour, one.quiet_from, one.quiet_until) == (
        other.digest,
        other.hour,
        other.quiet_from,
        other.quiet_until,
    )
