"""How a page is looked at: the width of a phone or a desk, in one of the two languages."""

import gettext
from dataclasses import dataclass
from pathlib import Path

_CATALOGUE = gettext.translation("messages", Path(__file__).parents[2] / "handlers" / "translations", languages=["en"])


@dataclass(frozen=True, slots=True)
class Look:
    """A window: its size in CSS pixels, its language, and whether scripts run in it."""

    name: str
    width: int
    height: int
    language: str
    scripts: bool = True

    def __str__(self) -> str:
        return f"{self.name}-{self.language}"

    @property
    def is_phone(self) -> bool:
        """Narrower than the breakpoint of the style sheet."""
        return self.width < 700

    def say(self, text: str, **words: object) -> str:
        """A text of the pages, as this window shows it."""
        said = text if self.language == "zh" else _CATALOGUE.gettext(text)
        return said % words if words else said


PHONE_ZH = Look("phone", 390, 844, "zh")
DESK_ZH = Look("desk", 1280, 900, "zh")
DESK_EN = Look("desk", 1280, 900, "en")
LOOKS = (PHONE_ZH, Look("phone", 390, 844, "en"), DESK_ZH, DESK_EN)
