"""Law 3: what stands on a form that is not approved bears 示例, on every page that shows its collection."""

from flask import Flask, g

from forms.definition import Approval
from handlers.context import services


def is_sample(year: int, form: str) -> bool:
    """Whether that year's collection of the form stands on a sample; looked up once for each page."""
    known: dict[tuple[int, str], bool] = g.setdefault("samples", {})
    if (year, form) not in known:
        collection = services().store.collection(year, form)
        definition = services().forms.by_version(collection.form_version) if collection else None
        known[year, form] = definition is not None and definition.header.approval is Approval.SAMPLE
    return known[year, form]


def install_samples(app: Flask) -> None:
    """Let templates ask."""
    app.jinja_env.globals["is_sample"] = is_sample
