"""Where the object store gives out links, a whole table is fetched from there; everything else still comes from us."""

import pytest

from register.units import make_synthetic_credit_code
from tests.handlers.world import YEAR, World

REMOTE = "https://objects.example/"


@pytest.fixture
def linked(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The store gives out links, as S3 does."""

    def link(_self: object, name: str, filename: str, media_type: str) -> str:
        return f"{REMOTE}{name}?as={filename}&type={media_type.partition(';')[0]}"

    monkeypatch.setattr(type(world.home.objects), "download_link", link)
    return world


def reads(world: World) -> int:
    return len(world.home.store.reads("", 1000).rows)


@pytest.mark.parametrize("wanted", ["csv", "json", "parquet", "xlsx"])
def test_the_province_is_sent_to_the_published_file(linked: World, wanted: str) -> None:
    client, before = linked.signed_in("office@staff.example"), reads(linked)
    answer = client.get(f"/office/tables/enterprise_totals/{YEAR}.{wanted}")
    assert answer.status_code == 303
    address = answer.headers["Location"]
    assert address.startswith(f"{REMOTE}tables/enterprise_totals/{YEAR}/data/")
    assert f"enterprise_totals-{YEAR}.{wanted}" in address
    name = address.removeprefix(REMOTE).partition("?")[0]
    assert linked.home.objects.read(name), "what the link names is there"
    assert reads(linked) == before + 1, "a link to a restricted table is a read"


def test_a_program_is_sent_there_too(linked: World) -> None:
    token, before = linked.token("office", "990000"), reads(linked)
    path = f"/api/v1/tables/enterprise_totals/{YEAR}.csv"
    answer = linked.client().get(path, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["Location"].startswith(REMOTE)) == (303, True)
    assert reads(linked) == before + 1


def test_a_city_gets_its_own_rows_and_no_link_to_the_whole(linked: World) -> None:
    token, before = linked.token("office", "990100"), reads(linked)
    path = f"/api/v1/tables/enterprise_totals/{YEAR}.csv"
    answer = linked.client().get(path, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, b"990000" in answer.data) == (200, False)
    assert reads(linked) == before + 1


def test_who_may_not_read_gets_no_link(linked: World) -> None:
    before = reads(linked)
    token = linked.token("enterprise", make_synthetic_credit_code(1))
    path = f"/api/v1/tables/enterprise_totals/{YEAR}.csv"
    answer = linked.client().get(path, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    assert linked.client().get(f"/office/tables/enterprise_totals/{YEAR}.csv").status_code in {302, 303, 401, 403}
    assert reads(linked) == before
