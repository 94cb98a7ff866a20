"""How one cell is said: a figure with its separators, an option by code and name, a month, or why there is none."""

from decimal import Decimal

from flask import Flask

from forms.definition import Item, ItemType, Option
from forms.values import Cell, Status, show_number
from handlers.language import _, language


def status_name(status: str) -> str:
    """How a cell was answered, in words; blank for a plain figure."""
    if not status:
        return ""
    return {
        Status.ESTIMATED.value: _("预估"),
        Status.NOT_APPLICABLE.value: _("不适用"),
        Status.REFUSED.value: _("拒报"),
        Status.UNKNOWN.value: _("未知"),
    }.get(status, "")


def option_name(option: Option) -> str:
    """An option as a list shows it: its code, then what it stands for."""
    return f"{option.code} {option.name(language())}"


def _figure(cell: Cell, item: Item) -> str:
    """A sealed cell as text: the answer, or why there is none."""
    return _answer(cell, item) or status_name(cell.status)


def _answer(cell: Cell, item: Item) -> str:
    if item.type is ItemType.CHOICE and item.options is not None:
        chosen = next((option for option in item.options.options if option.code == cell.text), None)
        return option_name(chosen) if chosen else cell.text
    return show_number(cell.value, item) if item.type.is_figure else cell.text


def _told(cell: Cell, item: Item) -> str:
    """A cell in full, for telling two apart: a blank is called so, an estimate and a note are said."""
    figure = _answer(cell, item)
    parts = [figure or status_name(cell.status) or _("空白")]
    if figure and cell.status:
        parts.append(status_name(cell.status))
    if cell.note:
        parts.append(_("注：%(note)s", note=cell.note))
    return " · ".join(parts)


def _amount(value: Decimal | None, item: Item) -> str:
    """A return's main amount in a list, or a sum; a dash where there is none."""
    return "—" if value is None else show_number(value, item)


def _signed(value: Decimal | None, item: Item) -> str:
    if value is None:
        return ""
    return ("+" if value > 0 else "") + show_number(value, item)


def install_cell_filters(app: Flask) -> None:
    """The filters of the templates."""
    app.jinja_env.filters.update(
        figure=_figure, told=_told, amount=_amount, signed=_signed, status=status_name, option=option_name
    )
