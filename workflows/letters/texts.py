"""The texts of the letters (`letters.yaml`), and the id that makes each letter once."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources


def letter_id(kind: str, submission: str, number: str, person: str) -> str:
    """Short, opaque and the same each time: it becomes the Message-ID and the Maildir file's name."""
    return hashlib.sha256(f"{kind}\n{submission}\n{number}\n{person}".encode()).hexdigest()[:32]


def text_of(kind: str, words: Mapping[str, str]) -> tuple[str, str]:
    """Subject and body. A word stays on one line: a name with a line break must not look like a line of ours."""
    template, plain = templates()[kind], {name: " ".join(word.split()) for name, word in words.items()}
    return template["subject"].format_map(plain), template["body"].format_map(plain)


@cache
def templates() -> Mapping[str, Mapping[str, str]]:
    """Kind of letter to its subject and body."""
    import yaml

    text = resources.files("workflows.letters").joinpath("letters.yaml").read_text(encoding="utf-8")
    templates: Mapping[str, Mapping[str, str]] = yaml.safe_load(text)
    return templates
