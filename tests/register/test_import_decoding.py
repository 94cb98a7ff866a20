"""UTF-8 or GB18030: what an imported file is written in, and when it is refused."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from register.importing import ImportProblems, Problem, decode, read_regions
from register.shipped import yunnan_regions_csv

TEXT = "unit_id,name\n91,云南示例科技有限公司\n92,昆明联通设备厂\n"
hanzi = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=20, max_size=60)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_the_three_accepted_encodings_give_the_same_text(encoding: str) -> None:
    assert decode(TEXT.encode(encoding)) == TEXT


def test_the_shipped_regions_read_the_same_in_gb18030() -> None:
    data = yunnan_regions_csv()
    recoded = data.decode().encode("gb18030")
    assert recoded != data
    assert list(read_regions(recoded, "r.csv")) == list(read_regions(data, "r.csv"))


def test_a_byte_order_mark_does_not_become_part_of_the_first_column(regions_csv: str) -> None:
    assert len(read_regions(regions_csv.encode("utf-8-sig"), "regions.csv")) == 7


def refused(data: bytes) -> Problem:
    with pytest.raises(ImportProblems) as caught:
        decode(data, "units.csv")
    assert caught.value.total == 1
    return caught.value.problems[0]


def test_utf8_cut_off_inside_a_character_is_not_read_as_nonsense() -> None:
    data = TEXT.encode()[:-2]
    problem = refused(data)
    assert problem.line == 3
    assert problem.found == f"byte 0xE5 at offset {len(data) - 2}"
    assert "UTF-8 或 GB18030" in problem.expected


def test_utf8_with_one_spoilt_byte_names_its_line_and_offset() -> None:
    data = bytearray(TEXT.encode())
    place = data.index("示".encode())
    data[place + 1] = 0x41
    problem = refused(bytes(data))
    assert (problem.line, problem.found) == (2, f"byte 0xE7 at offset {place}")


def test_a_byte_order_mark_promises_utf8() -> None:
    problem = refused(b"\xef\xbb\xbf" + TEXT.encode("gb18030"))
    assert (problem.line, problem.found) == (
        2,
        f"byte 0xD4 at offset {3 + TEXT.encode('gb18030').index(0xD4)}",
    )


def test_bytes_that_are_neither_are_refused_where_gb18030_breaks() -> None:
    problem = refused(b"a,b\n1,\xd4\xc6\xff\n")
    assert (problem.line, problem.found) == (2, "byte 0xFF at offset 8")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf16_is_refused(encoding: str) -> None:
    assert "byte 0x00" in refused("a,b\n1,2\n".encode(encoding)).found


def test_a_file_of_more_than_500_megabytes_is_refused_unread() -> None:
    problem = refused(bytes(500_000_001))
    assert problem.found == "500000001 bytes"
    assert "500 MB" in problem.expected


@settings(deadline=None)
@given(name=hanzi, place=st.integers(0, 1000), byte=st.integers(0x80, 0xFF))
def test_one_spoilt_byte_in_utf8_never_turns_the_file_into_gb18030(name: str, place: int, byte: int) -> None:
    data = bytearray(f"name\n{name}\n".encode())
    data[5 + place % (3 * len(name))] = byte
    try:
        bytes(data).decode()
    except UnicodeDecodeError:
        assert refused(bytes(data)).line == 2
    else:
        assert decode(bytes(data)) == bytes(data).decode()


COMMON = "".join(bytes([lead, trail]).decode("gb2312") for lead in range(0xB0, 0xD7) for trail in range(0xA1, 0xFF))


@settings(deadline=None)
@given(name=st.text(st.sampled_from(COMMON), min_size=20, max_size=60))
def test_a_name_in_gb18030_is_read_as_what_was_written(name: str) -> None:
    data = f"name\n{name}\n".encode("gb18030")
    try:
        data.decode()
    except UnicodeDecodeError:
        assert decode(data) == f"name\n{name}\n"
    else:
        assume(False)


def test_a_file_that_begins_with_a_nul_byte_is_refused_at_its_first_byte() -> None:
    problem = refused(b"\x00a,b\n1,2\n")
    assert (problem.line, problem.found) == (1, "byte 0x00 at offset 0")


def test_a_spoilt_first_byte_stands_on_the_first_line() -> None:
    assert refused(b"\n" + b"\xff").line == 2
    assert refused(b"\xff\n").line == 1
