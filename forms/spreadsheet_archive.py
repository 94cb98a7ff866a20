"""The zip an uploaded workbook is: looked at as bytes and as a list of parts before anything in it is parsed.

Every bound is on what would be unpacked, so that reading costs little whatever the file is: no process of its own, no
clock. What a workbook of figures never has (macros, links to other files, embedded objects) is refused by its name.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Final

MAX_FILE: Final = 1_000_000
"""Bytes of the file: a 107-1 with 2,000 projects has some 200 KB."""
MAX_PARTS: Final = 200
MAX_UNPACKED: Final = 8_000_000
MAX_RATIO: Final = 200
"""Unpacked to packed, over the whole file; a big table of blank cells comes to about 40."""
MAX_SHEET: Final = 4_000_000
MAX_OTHER: Final = 2_000_000
"""Unpacked bytes of one part that is parsed."""
_CHUNK: Final = 65_536
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = 0x1
_KINDS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_NOT_FIGURES: Final = re.compile(
    r"(vbaproject|vbadata|xl/macrosheets/|xl/dialogsheets/|xl/activex/|xl/embeddings/|xl/externallinks/|xl/connections"
    r"|xl/querytables/|xl/model/|customui/|\.exe$|\.dll$|\.js$|\.vbs$)"
)
_BROKEN: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What the standard library raises over a file that is no sound zip."""


class WorkbookRefused(ValueError):
    """An uploaded file is not taken; what is wrong and what to do, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.zh = zh
        self.en = en


def _broken() -> WorkbookRefused:
    return WorkbookRefused(
        "文件不完整，或不是 .xlsx。请用 Excel 或 WPS 打开，另存为 .xlsx 再上传。",
        "The file is incomplete or no .xlsx. Open it in Excel, save it as .xlsx and upload it again.",
    )


def _too_large() -> WorkbookRefused:
    return WorkbookRefused(
        "文件展开后太大，不像一份填好的模板。请重新下载模板，只填浅黄色的格子。",
        "Unpacked, the file is too large for a filled template. Download it again and fill in the yellow cells only.",
    )


class Archive:
    """A zip whose list of parts is sound. Raises `WorkbookRefused`."""

    def __init__(self, data: bytes) -> None:
        if len(data) > MAX_FILE:
            raise _too_large()
        if data.startswith(_OLE):
            raise WorkbookRefused(
                "文件加了密码，或是旧版 .xls。请去掉密码，另存为 .xlsx 再上传。",
                "The file has a password or is an old .xls. Remove the password and save it as .xlsx.",
            )
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _BROKEN as error:
            raise _broken() from error
        self._parts = self._sound_parts(len(data))
        self._check_kind()

    @property
    def parts(self) -> Mapping[str, zipfile.ZipInfo]:
        """The parts by name."""
        return self._parts

    def chunks(self, name: str, most: int) -> Iterator[bytes]:
        """One part piece by piece, never more than `most` bytes. Raises `WorkbookRefused`."""
        info = self._parts.get(name)
        if info is None:
            raise _broken()
        if info.file_size > most:
            raise _too_large()
        left = most
        try:
            with self._zip.open(info) as part:
                while chunk := part.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise _too_large()
                    yield chunk
        except WorkbookRefused:
            raise
        except _BROKEN as error:
            raise _broken() from error

    def _sound_parts(self, size: int) -> dict[str, zipfile.ZipInfo]:
        listed = self._zip.infolist()
        parts = {info.filename: info for info in listed}
        if not listed or len(listed) != len(parts):
            raise _broken()
        packed, unpacked = sum(info.compress_size for info in listed), sum(info.file_size for info in listed)
        if len(listed) > MAX_PARTS or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 1):
            raise _too_large()
        if packed > size:  # parts that overlap, as in a bomb without nesting
            raise _broken()
        for info in listed:
            _check_part(info)
        return parts

    def _check_kind(self) -> None:
        """A workbook, and one without macros."""
        kind = b"".join(self.chunks("[Content_Types].xml", MAX_OTHER)).lower()
        if b"macroenabled" in kind or b"vbaproject" in kind:
            raise _not_figures()
        if "xl/workbook.xml" not in self._parts:
            raise _broken()


def _check_part(info: zipfile.ZipInfo) -> None:
    name = info.filename.lower()
    if info.flag_bits & _ENCRYPTED:
        raise WorkbookRefused(
            "文件加了密码。请去掉密码再上传。", "The file has a password. Remove it and upload the file again."
        )
    if info.compress_type not in _KINDS:  # another method may ask for gigabytes before it gives a byte
        raise _broken()
    if name.startswith("/") or "\\" in name or ".." in name.split("/"):
        raise _broken()
    if _NOT_FIGURES.search(name):
        raise _not_figures()


def _not_figures() -> WorkbookRefused:
    return WorkbookRefused(
        "文件里有宏、外部链接或嵌入的对象。请重新下载模板，只把数字填进去。",
        "The file holds macros, links to other files or embedded objects. Download the template again; figures only.",
    )
