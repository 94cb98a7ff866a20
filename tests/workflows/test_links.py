"""Signed links: each purpose for itself, nothing altered, nothing after its time, nothing readable inside."""

import base64
import hashlib
import json
from dataclasses import astuple
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from workflows.links import (
    MAX_TOKEN_LENGTH,
    CheckLink,
    DeviceSeal,
    FilingLink,
    InboxLink,
    Link,
    LinkExpired,
    LinkInvalid,
    Links,
    Purpose,
    ReviewLink,
    SectionLink,
    SignInLink,
)

OLD, NEW = "o" * 40, "n" * 40
ALL: tuple[Link, ...] = (
    FilingLink("sub", "per"),
    SectionLink("sub", "per", "hand"),
    ReviewLink("sub", 1, "county", "990101", "per"),
    CheckLink("sub", 1),
    InboxLink("990101", "per"),
    SignInLink("per"),
    DeviceSeal("per"),
)


@pytest.fixture
def links(clock: Any) -> Links:
    return Links([NEW], clock)


@pytest.mark.parametrize("link", ALL)
def test_a_link_says_what_it_was_signed_for(links: Links, link: Link) -> None:
    assert links.read(type(link), links.sign(link)) == link


@pytest.mark.parametrize(("link", "other"), list(permutations(ALL, 2)))
def test_each_purpose_refuses_the_tokens_of_the_others(links: Links, link: Link, other: Link) -> None:
    with pytest.raises(LinkInvalid):
        links.read(type(other), links.sign(link))


def test_each_purpose_has_a_link_of_its_own() -> None:
    assert {link.PURPOSE for link in ALL} == set(Purpose)


@pytest.mark.parametrize("link", ALL)
def test_an_altered_payload_is_refused(links: Links, link: Link) -> None:
    payload, stamp, signature = links.sign(link).split(".")
    inside = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    inside[-1] = "else" if isinstance(inside[-1], str) else inside[-1] + 1
    forged = base64.urlsafe_b64encode(json.dumps(inside, separators=(",", ":")).encode()).decode().rstrip("=")
    for token in (f"{forged}.{stamp}.{signature}", f"{payload}.{stamp.swapcase()}.{signature}", f"{payload}.{stamp}"):
        with pytest.raises(LinkInvalid):
            links.read(type(link), token)


def test_a_token_cut_short_anywhere_is_refused(links: Links) -> None:
    token = links.sign(ALL[1])
    for length in range(len(token)):
        with pytest.raises(LinkInvalid):
            links.read(ReviewLink, token[:length])


def test_a_token_changed_in_its_signed_part_is_refused_at_every_place(links: Links) -> None:
    token = links.sign(ALL[0])
    for place in range(token.rindex(".")):
        swapped = "A" if token[place] != "A" else "B"
        with pytest.raises(LinkInvalid):
            links.read(FilingLink, token[:place] + swapped + token[place + 1 :])


def test_an_overlong_token_is_refused_before_it_is_read(links: Links) -> None:
    fits = InboxLink(hashlib.sha512(b"").hexdigest(), "per")
    assert links.read(InboxLink, links.sign(fits)) == fits
    token = links.sign(InboxLink("".join(hashlib.sha512(bytes([n])).hexdigest() for n in range(8)), "per"))
    assert len(token) > MAX_TOKEN_LENGTH
    with pytest.raises(LinkInvalid):
        links.read(InboxLink, token)


@given(st.text(max_size=600))
def test_text_that_is_no_token_is_refused_and_nothing_else_happens(text: str) -> None:
    class Still:
        def now(self) -> Any:
            raise AssertionError("the clock is not asked about what is not signed")

    with pytest.raises(LinkInvalid):
        Links([NEW], Still()).read(FilingLink, text)


@pytest.mark.parametrize("text", ["", ".", "..", "...", "\ud800", "\x00", "é.é.é", "全角．字符．ab", " " * 10])
def test_odd_text_is_refused_as_any_other(links: Links, text: str) -> None:
    with pytest.raises(LinkInvalid):
        links.read(SignInLink, text)


@pytest.mark.parametrize("link", ALL)
def test_a_link_works_to_its_last_second_and_then_tells_what_it_was(links: Links, clock: Any, link: Link) -> None:
    token = links.sign(link)
    age = link.MAX_AGE
    clock.moment += age or timedelta(days=36500)
    assert links.read(type(link), token) == link
    if age is not None:
        clock.ahead(seconds=1)
        with pytest.raises(LinkExpired) as caught:
            links.read(type(link), token)
        assert caught.value.link == link


def test_a_sign_in_link_lives_half_an_hour_and_a_receipt_for_ever() -> None:
    assert timedelta(minutes=30) == SignInLink.MAX_AGE
    assert CheckLink.MAX_AGE is None


def test_an_expired_link_that_was_altered_is_invalid_and_not_expired(links: Links, clock: Any) -> None:
    token = links.sign(SignInLink("per"))
    clock.ahead(days=1)
    with pytest.raises(LinkInvalid):
        links.read(SignInLink, "A" + token[1:])


def test_after_a_rotation_old_links_still_open_and_the_new_key_signs(clock: Any) -> None:
    before, rotated, after = Links([OLD], clock), Links([NEW, OLD], clock), Links([NEW], clock)
    link = FilingLink("sub", "per")
    assert rotated.read(FilingLink, before.sign(link)) == link
    assert after.read(FilingLink, rotated.sign(link)) == link
    for signer, reader in ((before, after), (after, before), (rotated, before)):
        with pytest.raises(LinkInvalid):
            reader.read(FilingLink, signer.sign(link))


@pytest.mark.parametrize("link", ALL)
def test_a_payload_holds_the_opaque_ids_and_nothing_else(links: Links, link: Link) -> None:
    payload = links.sign(link).split(".")[0]
    inside = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert inside == list(astuple(link))


def test_links_in_use_name_no_unit_no_person_and_no_address(world: Any) -> None:
    world.open()
    world.file("E1", cost_total="918273645", cost_labour="564738291")
    for link in (world.filing_link("E1"), world.review_link("county", "E1")):
        text = repr(astuple(link))
        for readable in ("E1", "e1@", "科技", "seats.example", "审核", "918273645"):
            assert readable not in text


def test_a_well_signed_token_of_another_shape_is_refused(clock: Any) -> None:
    """What an older or newer program signed must not end in a crash."""

    class Signer(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(clock.now().timestamp())

    serializer = URLSafeTimedSerializer(
        [NEW],
        salt="zhibao.link.file.v1",
        signer=Signer,
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )
    links = Links([NEW], clock)
    assert links.read(FilingLink, str(serializer.dumps(["sub", "per"]))) == FilingLink("sub", "per")
    for payload in (["sub"], ["sub", "per", "more"], 7, None):
        with pytest.raises(LinkInvalid):
            links.read(FilingLink, str(serializer.dumps(payload)))
