"""From the bytes of an imported file to text: UTF-8 with or without BOM, else GB18030.

The rule. 1. Valid UTF-8 is UTF-8. 2. A BOM promises UTF-8; if the rest breaks it, the file is damaged.
3. Otherwise the file is either GB18030 or damaged UTF-8 (cut off, or spliced), which GB18030 would often
read without complaint, as nonsense. Chinese in UTF-8 is made of three-byte sequences, which GB18030 text
forms only by chance: if they are half or more of the non-ASCII bytes, the file is damaged UTF-8 and refused.
4. Otherwise it must be valid GB18030 from end to end. A NUL byte (UTF-16, a workbook) is refused at once.
"""

from __future__ import annotations

import re
from typing import Never

from register.problems import ImportProblems, Problem

MAXIMUM_BYTES = 500_000_000
BOM = b"\xef\xbb\xbf"
EXPECTED_ENCODING = "UTF-8 或 GB18030 文本，请重新另存为 CSV UTF-8 (a whole UTF-8 or GB18030 text file)"

_NON_ASCII = bytes(range(0x80, 0x100))
_THREE_BYTES_OR_MORE = re.compile("[\u0800-\U0010ffff]+")


def decode(data: bytes, file: str = "") -> str:
    """Return the text of a file, without its BOM; raises ImportProblems naming the unreadable byte."""
    return data.decode(encoding_of(data, file))


def encoding_of(data: bytes, file: str = "") -> str:
    """Return the codec that reads the whole file, after the rule above; raises ImportProblems."""
    if len(data) > MAXIMUM_BYTES:
        found = f"{len(data)} bytes"
        raise ImportProblems([Problem(file, 1, "", found, "不超过 500 MB 的文件 (a file of at most 500 MB)")])
    nul = data.find(b"\x00")
    if nul >= 0:
        _refuse(data, nul, file)
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # utf-8-sig counts from behind the BOM
        offset = error.start + (len(BOM) if data.startswith(BOM) else 0)
        return _gb18030_or_refuse(data, offset, file)
    return "utf-8-sig"


def _gb18030_or_refuse(data: bytes, utf8_offset: int, file: str) -> str:
    if data.startswith(BOM) or _is_mostly_utf8(data):
        _refuse(data, utf8_offset, file)
    try:
        data.decode("gb18030")
    except UnicodeDecodeError as error:
        _refuse(data, error.start, file)
    return "gb18030"


def _is_mostly_utf8(data: bytes) -> bool:
    non_ascii = len(data) - len(data.translate(None, _NON_ASCII))
    readable = data.decode("utf-8", "ignore")
    wide = sum(3 * len(run) for run in _THREE_BYTES_OR_MORE.findall(readable))
    return 2 * wide >= non_ascii


def _refuse(data: bytes, offset: int, file: str) -> Never:
    line = data.count(b"\n", 0, offset) + 1
    found = f"byte 0x{data[offset]:02X} at offset {offset}"
    raise ImportProblems([Problem(file, line, "", found, EXPECTED_ENCODING)])
