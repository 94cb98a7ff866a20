"""Every refusal of the review machine is told in words."""

from handlers.app import create_app
from handlers.refusals import refusal_text
from tests.handlers.world import World
from workflows.machine.refusals import Refusal, RefusalCode


def test_every_refusal_has_its_words(world: World) -> None:
    with create_app(world.home).test_request_context("/"):
        texts = [refusal_text(Refusal(code)) for code in RefusalCode]
    assert all(texts)
    assert len(set(texts)) == len(texts)
