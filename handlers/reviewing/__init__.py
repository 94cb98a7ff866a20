"""The reviewer's door: one return under `/r/` (deciding, asking), a seat's waiting work under `/i/` (inbox).

Nothing here takes a figure. `/d/` leads from a letter that asks for no decision back to the page of its return.
"""

from handlers.reviewing import asking, deciding, inbox
from handlers.reviewing.page import door

__all__ = ["asking", "deciding", "door", "inbox"]
