"""Every Chinese text of the pages has its English, with the same gaps; the catalogue holds nothing else."""

import configparser
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "handlers" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
HAN = re.compile(r"[\u4e00-\u9fff]")
GAP = re.compile(r"%\((\w+)\)[sd]")


def _texts_of_the_pages() -> set[str]:
    mapping = configparser.ConfigParser()
    mapping.read(ROOT / "babel.cfg", encoding="utf-8")
    methods = [(section.split(": ")[1], section.split(": ")[0]) for section in mapping.sections()]
    options = {section.split(": ")[1]: dict(mapping[section]) for section in mapping.sections()}
    found = extract_from_dir(ROOT / "handlers", methods, options)
    return {text if isinstance(text, str) else text[0] for _file, _line, text, _notes, _context in found}


def _catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def _english() -> Iterator[tuple[str, str]]:
    return ((str(message.id), str(message.string or "")) for message in _catalogue() if message.id)


def test_every_text_of_the_pages_has_its_english() -> None:
    english = dict(_english())
    assert sorted(text for text in _texts_of_the_pages() if not english.get(text)) == []


def test_the_catalogue_holds_no_text_that_no_page_says() -> None:
    assert sorted(dict(_english()).keys() - _texts_of_the_pages()) == []
    assert not _catalogue().obsolete


def test_no_translation_is_a_guess() -> None:
    assert [message.id for message in _catalogue() if message.id and message.fuzzy] == []


def test_chinese_and_english_have_the_same_gaps() -> None:
    different = [text for text, said in _english() if set(GAP.findall(text)) != set(GAP.findall(said))]
    assert different == []


def test_no_chinese_is_left_in_the_english() -> None:
    assert [said for text, said in _english() if HAN.search(said) and text != "中文"] == []


def test_the_catalogue_has_its_head_without_which_the_compiler_leaves_it_out() -> None:
    assert not _catalogue().fuzzy
