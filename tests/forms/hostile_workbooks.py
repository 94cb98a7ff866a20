"""Workbooks that nobody filled in good faith, each made of a sound template by changing one thing."""

import io
import random
import struct
import zipfile
from collections.abc import Callable, Iterator

Parts = dict[str, bytes]
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
FAR = b'<row r="%d"><c r="%s%d"><v>1</v></c></row>'
LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (ord("b") + n, b"&%c;" % (ord("a") + n) * 10)
        for n in range(9)  # 10**9 laughs
    )
    + b"]>"
)


def parts_of(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Parts, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def with_part(name: str, data: bytes) -> Callable[[bytes], bytes]:
    """The template with one part more, or another one."""
    return lambda template: packed({**parts_of(template), name: data})


def with_in_sheet(inserted: bytes) -> Callable[[bytes], bytes]:
    """The template with something more at the end of the rows of its first sheet."""

    def change(template: bytes) -> bytes:
        parts = parts_of(template)
        parts[SHEET] = parts[SHEET].replace(b"</sheetData>", inserted + b"</sheetData>")
        return packed(parts)

    return change


def with_doctype(part: str, encoding: str = "utf-8") -> Callable[[bytes], bytes]:
    def change(template: bytes) -> bytes:
        parts = parts_of(template)
        head, _, body = parts[part].partition(b"?>")
        text = head.replace(b"UTF-8", encoding.encode()) + b"?>" + LAUGHS + body.replace(b"</", b"&j;</", 1)
        parts[part] = text.decode().encode(encoding)
        return packed(parts)

    return change


def with_a_bomb(name: str) -> Callable[[bytes], bytes]:
    """The template with a part of 900 MB of spaces, packed to less than 1 MB."""

    def change(template: bytes) -> bytes:
        out = io.BytesIO(template)
        with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as part:
            for _ in range(900):
                part.write(b" " * 1_000_000)
        return out.getvalue()

    return change


def at_the_limits(inserted: Callable[[], bytes]) -> Callable[[bytes], bytes]:
    """As large as is read at all, beside noise that keeps the ratio down; its last cell is far outside."""

    def change(template: bytes) -> bytes:
        more = inserted()
        assert len(more) < 4_000_000 - 50_000
        sound = with_in_sheet(more + FAR % (5001, b"A", 5001))(template)
        return packed({**parts_of(sound), "xl/media/noise.png": random.Random(4).randbytes(100_000)})

    return change


def strings_without_end(template: bytes) -> bytes:
    """Each its own text, so that each is kept."""
    strings = b"".join(b"<si><t>%d</t></si>" % n for n in range(170_000))
    changed = with_part(STRINGS, b"<sst>" + strings + b"</sst>")(template)
    return packed({**parts_of(changed), "xl/media/noise.png": random.Random(4).randbytes(100_000)})


def lying_about_its_size(template: bytes) -> bytes:
    """The directory says ten bytes; forty megabytes come out."""
    parts = parts_of(template)
    parts[SHEET] = parts[SHEET] + b" " * 40_000_000
    data = bytearray(packed(parts))
    true = struct.pack("<L", len(parts[SHEET]))
    for place in (at for at in range(len(data) - 4) if data[at : at + 4] == true):
        data[place : place + 4] = struct.pack("<L", 10)
    return bytes(data)


def overlapping(template: bytes) -> bytes:
    """Many names, one packed body: each entry of the directory points at the same place."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts_of(template).items():
            archive.writestr(name, data)
        noise = random.Random(1).randbytes(60_000)
        archive.writestr("xl/noise0.xml", noise)
        first = archive.getinfo("xl/noise0.xml")
        for number in range(1, 100):
            again = zipfile.ZipInfo(f"xl/noise{number}.xml")
            for field in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(again, field, getattr(first, field))
            archive.filelist.append(again)
    return out.getvalue()


def encrypted_entry(template: bytes) -> bytes:
    data = bytearray(template)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 4)
    return bytes(data)


def many_parts(template: bytes) -> bytes:
    return packed({**parts_of(template), **{f"xl/p{n}.xml": b"" for n in range(9_000)}}, zipfile.ZIP_STORED)


def twice_the_same_part(template: bytes) -> bytes:
    name = b"xl/theme/theme1.xml"
    return packed({**parts_of(template), "xl/theme/themeX.xml": b"<x/>"}).replace(name, b"xl/theme/themeX.xml")


def macro_content_type(template: bytes) -> bytes:
    parts = parts_of(template)
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    macro = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    assert kind in parts["[Content_Types].xml"]
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(kind, macro)
    return packed(parts)


def sheet_elsewhere(template: bytes) -> bytes:
    parts = parts_of(template)
    name = "xl/_rels/workbook.xml.rels"
    parts[name] = parts[name].replace(b"worksheets/sheet1.xml", b"../../../../etc/passwd")
    return packed(parts)


def ten_thousand_sheets(template: bytes) -> bytes:
    parts = parts_of(template)
    one = b'<sheet name="s%d" sheetId="%d" r:id="rId1"/>'
    many = b"".join(one % (n, n) for n in range(100, 10_100))
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"</sheets>", many + b"</sheets>")
    return packed(parts)


HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "a cell at XFD5000": with_in_sheet(FAR % (5000, b"XFD", 5000)),
    "a cell at XFD200000": with_in_sheet(FAR % (200000, b"XFD", 200000)),
    "a cell in the last row": with_in_sheet(FAR % (1048576, b"A", 1048576)),
    "a zip bomb": with_a_bomb("xl/media/a.xml"),
    "a sheet that is a bomb": with_a_bomb("xl/worksheets/sheet9.xml"),
    "sizes that lie": lying_about_its_size,
    "parts that overlap": overlapping,
    "nine thousand parts": many_parts,
    "a part twice": twice_the_same_part,
    "a method of compression with a huge dictionary": lambda template: packed(parts_of(template), zipfile.ZIP_LZMA),
    "entities in the sheet": with_doctype(SHEET),
    "entities in the strings": with_doctype(STRINGS),
    "entities in the workbook": with_doctype("xl/workbook.xml"),
    "entities in UTF-16": with_doctype(SHEET, "utf-16"),
    "macros": with_part("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0"),
    "a workbook that says it has macros": macro_content_type,
    "an Excel 4 macro sheet": with_part("xl/macrosheets/sheet1.xml", b"<x/>"),
    "a link to another workbook": with_part("xl/externalLinks/externalLink1.xml", b"<x/>"),
    "a connection to a database": with_part("xl/connections.xml", b"<x/>"),
    "an embedded object": with_part("xl/embeddings/oleObject1.bin", b"\xd0\xcf\x11\xe0"),
    "an ActiveX control": with_part("xl/activeX/activeX1.xml", b"<x/>"),
    "a program": with_part("xl/media/setup.exe", b"MZ"),
    "a path that leaves the folder": with_part("../../etc/cron.d/x.xml", b"<x/>"),
    "an absolute path": with_part("/etc/x.xml", b"<x/>"),
    "a formula": with_in_sheet(b'<row r="90"><c r="E90"><f>1+1</f><v>2</v></c></row>'),
    "a formula that calls a program": with_in_sheet(b'<row r="90"><c r="E90"><f>cmd|\' /c calc\'!A0</f></c></row>'),
    "a shared formula": with_in_sheet(b'<row r="90"><c r="E90"><f t="shared" si="0"/><v>2</v></c></row>'),
    "a part cut short": lambda template: template[: len(template) // 2],
    "the end cut off": lambda template: template[:-30],
    "a byte that was changed": lambda template: template.replace(
        b"xl/worksheets/sheet1.xml", b"xl/worksheets/sheet0.xml", 1
    ),
    "nothing": lambda _: b"",
    "noise": lambda _: random.Random(2).randbytes(50_000),
    "noise after the mark of a zip": lambda _: b"PK\x03\x04" + random.Random(3).randbytes(50_000),
    "an old or encrypted workbook": lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60_000),
    "parts under a password": encrypted_entry,
    "a zip that is no workbook": lambda _: packed({"word/document.xml": b"<x/>", "[Content_Types].xml": b"<x/>"}),
    "a sheet that is elsewhere": sheet_elsewhere,
    "ten thousand sheets": ten_thousand_sheets,
    "cells without end": at_the_limits(lambda: b'<row r="90">' + b"<c><v>1</v></c>" * 250_000 + b"</row>"),
    "rows without end": at_the_limits(lambda: b"<row/>" * 640_000),
    "far cells without end": at_the_limits(lambda: FAR % (5000, b"ZZ", 5000) * 80_000),
    "attributes without end": at_the_limits(
        lambda: b"<row " + b" ".join(b'a%d=""' % n for n in range(330_000)) + b"/>"
    ),
    "elements within elements": at_the_limits(lambda: b"<a>" * 540_000 + b"</a>" * 540_000),
    "one text without end": at_the_limits(
        lambda: b'<row r="90"><c r="E90" t="str"><v>' + b"1" * 3_900_000 + b"</v></c></row>"
    ),
    "strings without end": strings_without_end,
    "an element that never ends": with_in_sheet(b"<row r='90'><c r='E90'><v>1"),
    "half of a character": with_in_sheet(b"<row r='90'><c r='E90' t='str'><v>\xe4\xb8</v></c></row>"),
    "an encoding nobody knows": with_part(STRINGS, b'<?xml version="1.0" encoding="x-none"?><sst/>'),
    "no stamp": lambda template: with_part(_stamp_sheet(template), _EMPTY)(template),
}
"""Each is to be refused: in under 2 seconds and 300 MB, whatever it unpacks to."""
_EMPTY = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'


def _stamp_sheet(template: bytes) -> str:
    """The stamp is on the last sheet."""
    return max(name for name in parts_of(template) if name.startswith("xl/worksheets/sheet"))


def harmless(template: bytes) -> Iterator[tuple[str, bytes]]:
    """What looks odd and must be read all the same: what other programs leave behind."""
    yield (
        "empty cells and rows far outside",
        with_in_sheet(b'<row r="1048576"><c r="XFD1048576" s="1"/></row>')(template),
    )
    yield "a hyperlink", with_part("xl/worksheets/_rels/sheet1.xml.rels", b"<x/>")(template)
    yield "settings of a printer", with_part("xl/printerSettings/printerSettings1.bin", b"\x00")(template)
    yield "parts in another order", packed(dict(reversed(parts_of(template).items())))
    yield "parts that are not packed", packed(parts_of(template), zipfile.ZIP_STORED)
