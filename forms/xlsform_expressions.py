"""From the expressions of an XLSForm (a part of XPath) to our rule language; what has no equal is said, not guessed.

A reference is `${name}`, `.` is the question itself. XPath takes a blank for a text without characters: in a condition
that decides what is shown, `=` with a blank is false and `!=` is true, which is written out with `filled`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from forms.xlsform_questions import Asked, Place, Question, Untranslatable
from forms.xlsform_values import (
    COMPARISONS,
    Answer,
    Literal,
    Number,
    Part,
    Truth,
    careful,
    compared,
    joined,
    no_option,
    number,
    truth,
)

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<ref>\$\{\s*(?P<name>[^}]+?)\s*\})|(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<mark><=|>=|!=|[=<>+\-*(),])|(?P<dot>\.(?!\.))|(?P<word>[A-Za-z_][\w:.-]*)|(?P<other>\S))"
)
MAX_DEPTH: Final = 40


def condition(expression: str, place: Place) -> str:
    """An expression that is true or false, in our words. Raises `Untranslatable`."""
    part = _Translator(expression, place).whole()
    if not isinstance(part, Truth):
        raise Untranslatable("这里应是条件", "a condition was expected")
    return part.text


def figure(expression: str, place: Place) -> str:
    """An expression that gives a number, in our words. Raises `Untranslatable`."""
    return number(_Translator(expression, place).whole()).text


class _Translator:
    """Reads by recursive descent, in the precedence of XPath 1.0."""

    def __init__(self, expression: str, place: Place) -> None:
        self._place = place
        self._tokens = list(_tokens(expression))
        self._at = 0
        self._depth = 0

    def whole(self) -> Part:
        """All of it."""
        part = self._either()
        if self._at < len(self._tokens):
            word = self._tokens[self._at][1]
            raise Untranslatable(f"读不懂“{word}”", f"“{word}” is not understood")
        return part

    def _next(self, *wanted: str) -> str:
        """Take the next token if it is one of these; blank if not."""
        if self._at < len(self._tokens):
            kind, text = self._tokens[self._at]
            if kind in {"mark", "word"} and text in wanted:
                self._at += 1
                return text
        return ""

    def _expect(self, mark: str) -> None:
        if not self._next(mark):
            raise Untranslatable(f"缺少“{mark}”", f"“{mark}” is missing")

    def _either(self) -> Part:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Untranslatable("嵌套太深", "it is nested too deeply")
        part = self._both()
        while self._next("or"):
            part = Truth(f"({truth(part)} or {truth(self._both())})")
        self._depth -= 1
        return part

    def _both(self) -> Part:
        part = self._compared()
        while self._next("and"):
            part = Truth(f"({truth(part)} and {truth(self._compared())})")
        return part

    def _compared(self) -> Part:
        left = self._added()
        mark = self._next(*COMPARISONS)
        if not mark:
            return left
        return Truth(compared(left, mark, self._added(), shown=self._place.shown))

    def _added(self) -> Part:
        part = self._multiplied()
        while mark := self._next("+", "-"):
            part = joined(part, mark, self._multiplied())
        return part

    def _multiplied(self) -> Part:
        part = self._signed()
        while mark := self._next("*", "div", "mod"):
            if mark == "mod":
                raise Untranslatable("没有 mod（余数）", "there is no mod (remainder)")
            part = joined(part, "/" if mark == "div" else "*", self._signed())
        return part

    def _signed(self) -> Part:
        if self._next("-"):
            inner = number(self._signed())
            return Number(f"(-{inner.text})", inner.keys)
        return self._primary()

    def _primary(self) -> Part:
        if self._at >= len(self._tokens):
            raise Untranslatable("式子没有写完", "the expression ends too soon")
        kind, text = self._tokens[self._at]
        self._at += 1
        match kind:
            case "number":
                return Number(f"0{text}" if text.startswith(".") else text)
            case "text":
                return Literal(text[1:-1])
            case "ref":
                return Answer(self._question(text))
            case "dot":
                return Answer(self._own())
            case "word" if self._next("("):
                return self._call(text)
            case "mark" if text == "(":
                part = self._either()
                self._expect(")")
                return part
        raise Untranslatable(f"读不懂“{text}”", f"“{text}” is not understood")

    def _own(self) -> Question:
        if self._place.own is None:
            raise Untranslatable("这里没有“.”所指的题", "“.” means nothing here")
        return self._place.own

    def _question(self, name: str) -> Question:
        found = self._place.questions.get(name)
        if found is None:
            raise Untranslatable(f"“${{{name}}}”没有导入", f"${{{name}}} was not carried over")
        if found.table and found.table != self._place.table:
            raise Untranslatable(
                f"“${{{name}}}”在重复的行里，只能用 sum 或 count", f"${{{name}}} is in a repeat: only sum or count"
            )
        return found

    def _call(self, name: str) -> Part:
        known: Mapping[str, Callable[[], Part]] = {
            "not": lambda: Truth(f"not ({truth(self._only())})"),
            "number": lambda: number(self._only()),
            "selected": self._selected,
            "count-selected": self._count_selected,
            "if": self._if,
            "round": self._round,
            "sum": self._sum,
            "count": self._count,
            "string-length": self._length,
        }
        if name not in known:
            raise Untranslatable(f"规则语言没有函数 {name}()", f"the rule language has no {name}()")
        part = known[name]()
        self._expect(")")
        return part

    def _only(self) -> Part:
        return self._either()

    def _many(self) -> Question:
        part = self._either()
        if not isinstance(part, Answer):
            raise Untranslatable("这里应是一道题", "a question was expected here")
        return part.question

    def _selected(self) -> Part:
        question = self._many()
        self._expect(",")
        wanted = self._either()
        if not isinstance(wanted, Literal):
            raise Untranslatable("selected() 的第二项应是选项名", "selected() takes the name of an option")
        if question.asked is Asked.MANY:
            part = question.parts.get(wanted.text) or no_option(question, wanted.text)
            return Truth(careful(f'{part} == "1"', "==", (part,), shown=self._place.shown))
        return Truth(compared(Answer(question), "=", wanted, shown=self._place.shown))

    def _count_selected(self) -> Part:
        question = self._many()
        if question.asked is not Asked.MANY:
            raise Untranslatable("count-selected() 只用于多选题", "count-selected() is for several answers")
        terms = [f'(1 if filled({part}) and {part} == "1" else 0)' for part in question.parts.values()]
        return Number(f"({' + '.join(terms)})")

    def _if(self) -> Part:
        test = truth(self._either())
        self._expect(",")
        one = number(self._either())
        self._expect(",")
        other = number(self._either())
        return Number(f"({one.text} if {test} else {other.text})", (*one.keys, *other.keys))

    def _round(self) -> Part:
        part = number(self._either())
        places = "0"
        if self._next(","):
            places = number(self._either()).text
        if not re.fullmatch(r"\d|10", places):
            raise Untranslatable("round() 的位数应是 0 到 10", "round() takes 0 to 10 places")
        return Number(f"round({part.text}, {places})", part.keys)

    def _sum(self) -> Part:
        question = self._repeated()
        if question.asked is not Asked.FIGURE:
            raise Untranslatable("sum() 只加数值", "sum() adds figures")
        return Number(f"sum({question.table}.{question.key})")

    def _repeated(self) -> Question:
        """A question of a repeat, spoken of as a whole."""
        kind, text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        found = self._place.questions.get(text) if kind == "ref" else None
        if found is None or not found.table:
            raise Untranslatable("这里应是重复行里的一道题", "a question of a repeat was expected")
        self._at += 1
        return found

    def _count(self) -> Part:
        kind, text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        table = self._place.tables.get(text) if kind == "ref" else None
        if table is None:
            table = self._repeated().table
        else:
            self._at += 1
        return Number(f"count({table})")

    def _length(self) -> Part:
        raise Untranslatable("规则语言不数字数", "the rule language does not count characters")


def _tokens(expression: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each token; a reference by its name."""
    for match in _TOKEN.finditer(expression.strip()):
        kind = "ref" if match["ref"] else str(match.lastgroup)
        if kind == "other":
            raise Untranslatable(f"读不懂“{match['other']}”", f"“{match['other']}” is not understood")
        yield kind, match["name"] if kind == "ref" else match[kind]
