"""Values and conditions of an XLSForm's expressions as they are put into our words, and how two values are compared."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from forms.xlsform_questions import Asked, Question, Untranslatable

COMPARISONS: Final = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_PLAIN: Final = re.compile(r"[ -~]{1,30}")


@dataclass(frozen=True, slots=True)
class Truth:
    text: str


@dataclass(frozen=True, slots=True)
class Number:
    text: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Literal:
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    question: Question


Value = Number | Literal | Answer
Part = Truth | Value


def number(part: Part) -> Number:
    if isinstance(part, Number):
        return part
    if isinstance(part, Answer) and part.question.asked is Asked.FIGURE:
        return Number(part.question.key, (part.question.key,))
    if isinstance(part, Literal) and re.fullmatch(r"\d+(\.\d+)?", part.text):
        return Number(part.text)
    raise Untranslatable("这里应是数值项", "a figure was expected here")


def compared(left: Part, mark: str, right: Part, *, shown: bool) -> str:
    """Two values compared; an option by its code, a blank text by whether anything is filled."""
    operator = COMPARISONS[mark]
    if isinstance(left, Truth) or isinstance(right, Truth):
        raise Untranslatable("条件不能比较", "a condition cannot be compared")
    if isinstance(left, Literal) and isinstance(right, Answer):
        turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
        return compared(right, turned.get(mark, mark), left, shown=shown)
    if isinstance(left, Answer) and isinstance(right, Literal) and not right.text:
        return _blank(left.question, operator)
    if isinstance(left, Answer) and left.question.asked is not Asked.FIGURE:
        return _words(left.question, operator, right, shown=shown)
    if isinstance(right, Answer) and right.question.asked is not Asked.FIGURE:
        return _words(right.question, operator, left, shown=shown)
    one, other = number(left), number(right)
    return careful(f"{one.text} {operator} {other.text}", operator, (*one.keys, *other.keys), shown=shown)


def _words(question: Question, operator: str, other: Value, *, shown: bool) -> str:
    """A text, a date or one answer against a constant or another of its kind."""
    if question.asked is Asked.MANY:
        raise Untranslatable("多选题请用 selected()", "several answers are compared by selected()")
    if isinstance(other, Answer) and other.question.asked is not question.asked:
        raise Untranslatable("两道题的答案不是同一种", "the two questions take different answers")
    if isinstance(other, Answer):
        keys = (question.key, other.question.key)
        return careful(f"{question.key} {operator} {other.question.key}", operator, keys, shown=shown)
    said = other.text
    if question.asked is Asked.ONE:
        if operator not in {"==", "!="}:
            raise Untranslatable("选项不分大小", "options have no order")
        said = question.codes.get(said) or no_option(question, said)
    if not _PLAIN.fullmatch(said) or '"' in said or "\\" in said:
        raise Untranslatable(f"文字常数“{said}”不是半角字符", f"the text “{said}” is not plain ASCII")
    return careful(f'{question.key} {operator} "{said}"', operator, (question.key,), shown=shown)


def careful(text: str, operator: str, keys: Sequence[str], *, shown: bool) -> str:
    """As it is; where it decides what is shown, with what a blank means to XPath."""
    names = list(dict.fromkeys(keys))
    if not shown or not names:
        return text
    if operator == "!=":
        return "(" + " or ".join([*(f"not filled({key})" for key in names), text]) + ")"
    return "(" + " and ".join([*(f"filled({key})" for key in names), text]) + ")"


def truth(part: Part) -> str:
    if not isinstance(part, Truth):
        raise Untranslatable("这里应是条件", "a condition was expected")
    return part.text


def joined(left: Part, mark: str, right: Part) -> Number:
    one, other = number(left), number(right)
    return Number(f"({one.text} {mark} {other.text})", (*one.keys, *other.keys))


def _blank(question: Question, operator: str) -> str:
    if operator not in {"==", "!="}:
        raise Untranslatable("空白不分大小", "a blank has no order")
    keys = list(question.parts.values()) or [question.key]
    anything = " or ".join(f"filled({key})" for key in keys)
    return f"({anything})" if operator == "!=" else f"not ({anything})"


def no_option(question: Question, name: str) -> NoReturn:
    raise Untranslatable(f"“{question.name}”没有选项“{name}”", f"{question.name} has no option “{name}”")
