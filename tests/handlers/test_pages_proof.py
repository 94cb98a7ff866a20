"""The receipt's proof and the inspector's export, as those who hold the link or the role see them."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from handlers.qr import BORDER, qr_code
from tests.handlers.world import World, found, open_year


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The first unit's return was sent on a day that is signed; the second's was sent today."""
    made = found(tmp_path_factory.mktemp("proof"))
    open_year(made)
    made.file(1, papers="7531")
    made.clock.move(timedelta(days=1))
    made.sweep()
    made.file(2)
    yield made
    made.home.close()


def receipt(world: World, unit: int) -> str:
    return world.link(f"unit{unit}@units.example", "c")


def test_before_the_day_is_signed_the_receipt_says_when_it_will_be(proved: World) -> None:
    page = proved.client().get(receipt(proved, 2)).text
    assert "2032-01-17 00:10" in page
    assert "<details>" not in page
    proof = proved.client().get(receipt(proved, 2) + "?format=json").get_json()
    assert (proof["proof"], proof["signed_from"]) == (None, "2032-01-16T16:10:00.000000Z")


def test_once_the_day_is_signed_the_receipt_shows_every_part_of_the_proof(proved: World) -> None:
    page = proved.client().get(receipt(proved, 1)).text
    proof = proved.client().get(receipt(proved, 1) + "?format=json").get_json()
    assert "✓ 证明有效" in page
    day, key = proof["proof"]["day"], proof["key"]
    shown = [day["date"], day["root"], day["previous"], day["signature"], key["id"], key["public"]]
    shown += [step["hash"] for step in day["path"]] + [link["hash"] for link in proof["proof"]["links"]]
    assert [part for part in shown if part not in page] == []
    assert proof["proof"]["links"][0]["data"]["revision_hash"] == proof["revision_hash"]


def test_the_proof_is_recomputed_and_an_altered_store_is_told(proved: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.signing.PublicKey.signed", lambda *_: False)
    page = proved.client().get(receipt(proved, 1)).text
    assert "✗ 证明无效" in page
    assert "✓ 证明有效" not in page


def test_neither_receipt_nor_proof_holds_a_figure_or_the_units_name_beside_the_page(proved: World) -> None:
    client = proved.client()
    page, proof = client.get(receipt(proved, 1)).text, client.get(receipt(proved, 1) + "?format=json")
    assert "7531" not in re.sub(r"[0-9a-f]{32,}", "", page)
    assert "7531" not in re.sub(r"[0-9a-f]{32,}", "", proof.text)
    assert "示例企业" not in proof.text
    assert proof.headers["Content-Disposition"].startswith("attachment")


def test_the_receipt_carries_the_code_of_its_own_address_and_loads_nothing(proved: World) -> None:
    path = receipt(proved, 1)
    page = proved.client().get(path).text
    code = qr_code(proved.home.services.url("c", path.rsplit("/", 1)[1]))
    assert f'd="{code.path}"' in page
    assert f'viewBox="0 0 {code.size} {code.size}"' in page
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []
    assert "style=" not in page


def test_a_code_has_its_border_and_its_three_corner_marks() -> None:
    code = qr_code("http://localhost/c/x")
    far = code.size - BORDER - 7
    for x, y in ((BORDER, BORDER), (far, BORDER), (BORDER, far)):
        assert f"M{x} {y}h7v1h-7z" in code.path
    assert min(int(y) for y in re.findall(r"M\d+ (\d+)", code.path)) == BORDER


def test_an_inspector_takes_the_whole_story_and_the_read_is_recorded(proved: World) -> None:
    submission = next(one for one in proved.home.store.submissions("", 9).rows if one.state.revision)
    client = proved.signed_in("auditor@staff.example")
    page = f"/office/submissions/{submission.id}"
    answer = client.post(f"{page}/export", data=proved.csrf(client, page))
    assert answer.status_code == 200
    story = json.loads(answer.text)
    assert (story["identity"]["submission"], story["found"]) == (submission.id, "")
    who, what, _ = proved.home.store.reads("", 1000).rows[-1]
    assert (who, what) == ("auditor@staff.example", f"audit export {submission.id}")
    assert client.post("/office/submissions/nobody/export", data=proved.csrf(client, page)).status_code == 404
