"""Erasing after the legal term, on every ground: gone, marked once, and the rest untouched."""

from dataclasses import replace
from datetime import timedelta

from tests.contract.test_store_contract import AT, fresh, step
from workflows.chain import Payload
from workflows.erasing import Erasure, Kept
from workflows.machine.events import FilingExpected, Reminded
from workflows.ports import Store
from workflows.submissions import Draft, Trace

TRACE = Trace("save", "web", "192.0.2.1", "a browser")


def mark(kind: Kept, owner: str, number: int = 0) -> Erasure:
    return Erasure(kind, owner, number, AT, "运维丁", "期满")


def one_with_everything(store: Store, key: str) -> None:
    words = Payload.of("请按时报送。")
    opening = step(fresh(key), FilingExpected((("county", "990101"),)))
    store.create([opening])
    reminding = step(
        opening.after,
        Reminded("-7d", ("p",), words.hash),
        payloads=((2, words),),
        draft=Draft(1, {"a": "1"}, AT),
        draft_before=0,
        trace=TRACE,
    )
    store.commit(reminding)


def test_what_a_mark_names_goes_and_nothing_else(store: Store) -> None:
    for key in ("a", "b"):
        one_with_everything(store, key)
    marks = [mark(Kept.DRAFTS, "a"), mark(Kept.TRACES, "a"), mark(Kept.WORDS, "a", 2)]
    store.erase(marks)
    assert (store.payload("a", 2), store.draft("a")) == (None, None)
    assert store.traces("a") == [(AT, replace(TRACE, address="", device=""))]
    assert store.erasures("a") == marks
    assert store.payload("b", 2) is not None
    assert store.draft("b") == Draft(1, {"a": "1"}, AT)
    assert store.traces("b") == [(AT, TRACE)]
    assert store.erasures("b") == []
    assert len(store.events("a")) == 2
    assert store.story("a").erased == {2: marks[2]}
    assert store.story("a").misread == []


def test_the_first_mark_of_an_erasure_stands(store: Store) -> None:
    one_with_everything(store, "a")
    first = mark(Kept.WORDS, "a", 2)
    store.erase([first])
    store.erase([replace(first, at=AT + timedelta(days=1), by="another")])
    assert store.erasures("a") == [first]


def test_an_address_that_was_erased_leads_to_nobody(store: Store) -> None:
    person, other = store.person_of("gone@units.example"), store.person_of("here@units.example")
    store.erase([mark(Kept.ADDRESSES, person.id)])
    assert store.person(person.id) is None
    assert store.person(other.id) == other
    assert store.erasures(person.id) == [mark(Kept.ADDRESSES, person.id)]
