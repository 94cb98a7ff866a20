"""The kinds of disposition (例外) in words, read from `dispositions.yaml`."""

from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def disposition_names() -> Mapping[str, Mapping[str, str]]:
    """Kind to its text by language (`zh`, `en`), in the order in which they are offered."""
    import yaml

    text = resources.files("workflows").joinpath("dispositions.yaml").read_text(encoding="utf-8")
    names: Mapping[str, Mapping[str, str]] = yaml.safe_load(text)
    return names
