"""An invented province of any size: cities of ten counties, enterprises spread over them, seats with stand-ins."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from register.regions import Level, Region, Regions
from register.seats import Role, StaffMember
from register.units import Size, Unit, UnitKind
from workflows.seat_settings import Digest, SeatSettings

COUNTIES_OF_A_CITY = 10
OPENED = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
AWAY = (date(2026, 3, 2), date(2026, 3, 20))
"""First and last day on which a stand-in holds every third seat."""


@dataclass(frozen=True, slots=True)
class Province:
    """Regions, units and seats: as many cities as `size` enterprises need, some 250 enterprises a county."""

    size: int

    @property
    def cities(self) -> range:
        return range(1, 2 + (self.size - 1) // (250 * COUNTIES_OF_A_CITY))

    @property
    def counties(self) -> list[str]:
        return [f"99{city:02d}{county:02d}" for city in self.cities for county in range(1, 1 + COUNTIES_OF_A_CITY)]

    @property
    def seats(self) -> list[str]:
        return [*self.counties, *(f"99{city:02d}00" for city in self.cities), "990000"]

    def regions(self) -> Regions:
        cities = [Region(f"99{city:02d}00", f"{city}市", f"City {city}", Level.CITY, "990000") for city in self.cities]
        counties = [
            Region(code, f"{code[2:]}县", f"County {code}", Level.COUNTY, f"{code[:4]}00") for code in self.counties
        ]
        return Regions([Region("990000", "示例省", "Sample", Level.PROVINCE, None), *cities, *counties])

    def units(self) -> Iterator[Unit]:
        counties = self.counties
        for number in range(self.size):
            key, region = f"U{number:06d}", counties[number % len(counties)]
            yield Unit(
                key, f"{key}厂", UnitKind.ENTERPRISE, region, None, "3911", f"{key}@units.example".lower(), Size.SMALL
            )

    def staff(self) -> list[StaffMember]:
        """Two holders of each seat above the counties; in every third county a stand-in for three weeks of March."""
        members = []
        for number, region in enumerate(self.seats):
            if region.endswith("00"):
                members += [self._member(region, name) for name in ("a", "b")]
            elif number % 3 == 0:
                members += [
                    self._member(region, "a", until=date(2026, 3, 1)),
                    self._member(region, "s", *AWAY),
                    self._member(region, "a", date(2026, 3, 21)),
                ]
            else:
                members.append(self._member(region, "a"))
        return members

    @staticmethod
    def _member(region: str, name: str, since: date | None = None, until: date | None = None) -> StaffMember:
        return StaffMember(f"{name}.{region}@seats.example", f"{name}{region}", Role.REVIEWER, region, since, until)

    def settings(self) -> list[SeatSettings]:
        """Of five seats one keeps the default; the others have digests, quiet hours over night, or both."""
        choices = [
            (),
            (Digest.DAILY, 9, 19, 7),
            (Digest.HOURLY, 9, 20, 8),
            (Digest.AT_ONCE, 9, 18, 8),
            (Digest.DAILY, 14),
        ]
        return [
            SeatSettings(region, *choices[number % 5], version=1, changed_by="chosen", changed_at=OPENED)
            for number, region in enumerate(self.seats)
            if number % 5
        ]
