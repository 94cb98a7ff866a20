"""The coded reasons of a return, read from `reasons.yaml`."""

from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def return_reasons() -> Mapping[str, Mapping[str, str]]:
    """Reason code to its text by language (`zh`, `en`), in the order a reviewer is shown them."""
    import yaml

    text = resources.files("workflows").joinpath("reasons.yaml").read_text(encoding="utf-8")
    reasons: Mapping[str, Mapping[str, str]] = yaml.safe_load(text)
    return reasons
