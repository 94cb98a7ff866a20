"""Links that are none, or no longer: forged, foreign, altered, expired, or of somebody who left his seat."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest

from tests.journeys.driver import Browser, Home, csv_text
from tests.journeys.grounds import on_both_grounds
from tests.journeys.in_process import at_rest
from tests.journeys.registers import reviewer
from tests.journeys.served_year import csrf, filing, review
from workflows.links import AnyLink, FilingLink, Links, ReviewLink

pytestmark = on_both_grounds


def broken(home: Home) -> dict[str, str]:
    """Links that are none: forged with another key, of another door, altered, cut, doubled, and plain nonsense."""
    token = filing(home, 6).rsplit("/", 1)[1]
    swapped = ("B" if token[0] != "B" else "C") + token[1:]
    forged = Links(["another key, as long as a key has to be"], AsOf(timedelta())).sign(read(home, FilingLink, token))
    foreign = review(home, 1).rsplit("/", 1)[1]
    tokens = {"forged": forged, "foreign": foreign, "altered": swapped, "cut": token[:-3], "doubled": token * 2}
    return tokens | {"nonsense": "x", "long": "x" * 5000, "chinese": "%E7%9B%B4%E6%8A%A5", "dots": "..", "null": "%00"}


class AsOf:
    """A clock that is behind."""

    def __init__(self, behind: timedelta) -> None:
        self.behind = behind

    def now(self) -> datetime:
        """The instant it shows."""
        return datetime.now(UTC) - self.behind


def keys(home: Home) -> list[str]:
    """The home's own keys."""
    return (home.root / "secret_keys").read_text(encoding="ascii").split()


def read(home: Home, kind: type[AnyLink], token: str) -> AnyLink:
    """What a token says."""
    return Links(keys(home), AsOf(timedelta())).read(kind, token)


@pytest.mark.parametrize(
    "name", ["forged", "foreign", "altered", "cut", "doubled", "nonsense", "long", "chinese", "dots", "null"]
)
def test_a_link_that_is_none_opens_nothing(served: Home, name: str) -> None:
    before, browser = at_rest(served), Browser()
    posted = csrf(browser.open(filing(served, 6)))
    url = f"{served.base}/f/{broken(served)[name]}"
    for answer in (browser.open(url), browser.open(url, {**posted, "papers": "1", "action": "submit"})):
        assert answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST}
        assert "示例企业" not in answer.text
        assert answer.text
    assert at_rest(served) == before


@pytest.mark.parametrize("door", ["f", "r"])
def test_an_expired_link_says_so_and_offers_a_new_one(served: Home, door: str) -> None:
    browser = Browser()
    posted = csrf(browser.open(filing(served, 6)))
    old = (filing(served, 6) if door == "f" else review(served, 1)).rsplit("/", 1)[1]
    link = read(served, FilingLink, old) if door == "f" else read(served, ReviewLink, old)
    token = Links(keys(served), AsOf(timedelta(days=401))).sign(link)
    before, url = at_rest(served), f"{served.base}/{door}/{token}"
    page = browser.open(url)
    assert page.status == HTTPStatus.GONE
    assert "过期" in page.text
    again = {**posted, "action": "submit", "decision": "accept"}
    assert browser.open(url, again).status == HTTPStatus.GONE
    assert at_rest(served) == before
    assert browser.send(page, f"{served.base}/relink", {}).status == HTTPStatus.OK
    letters = len(served.mails())
    served.zhibao("sweep")
    assert len(served.mails()) == letters + 1


def test_a_link_dies_with_the_seat_of_its_holder(served: Home) -> None:
    browser, link = Browser(), review(served, 2, letter="b")
    posted = csrf(browser.open(link))
    staff = [reviewer("990101"), reviewer("990100"), reviewer("990000")]
    served.zhibao("import", "staff", served.write("staff2.csv", csv_text(staff)))
    served.zhibao("sweep")
    before = at_rest(served)
    for answer in (browser.open(link), browser.open(link, {**posted, "decision": "accept"})):
        assert answer.status == HTTPStatus.FORBIDDEN
        assert "示例企业" not in answer.text
    assert at_rest(served) == before
