"""The text of a form definition: YAML read as plain text values, each with its place for errors."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from forms.faults import Fault

if TYPE_CHECKING:
    from yaml import MappingNode, Node

Path = tuple[str | int, ...]
"""Where a value stands, from the top: ("sections", 0, "items", 3, "unit")."""

MAX_CHARACTERS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a definition: its path, its 1-based line and column, and what was expected."""

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        path = f"{self.path}: " if self.path else ""
        return f"line {self.line}, column {self.column}: {path}{self.message}"


class DefinitionError(ValueError):
    """A form definition cannot be used; `problems` says all that is wrong, `where` in which file."""

    def __init__(self, where: str, problems: Iterable[Problem]) -> None:
        self.where = where
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{where}: {problem}" for problem in self.problems))


@dataclass(frozen=True, slots=True)
class DefinitionText:
    """A parsed definition: mappings, lists and text only (01 stays 01), and the place of every value."""

    where: str
    data: Any
    marks: Mapping[Path, tuple[int, int]]

    def error(self, found: Iterable[tuple[Path, str]]) -> DefinitionError:
        """The error that names each path with its line and column, in the order of the text."""
        problems = [Problem(".".join(map(str, path)), *self._place(path), message=message) for path, message in found]
        return DefinitionError(self.where, sorted(problems, key=lambda problem: (problem.line, problem.column)))

    def _place(self, path: Path) -> tuple[int, int]:
        while path not in self.marks and path:
            path = path[:-1]
        return self.marks.get(path, (1, 1))


def read_definition_text(text: str, where: str) -> DefinitionText:
    """Raises DefinitionError for text that is not YAML, repeats a name, or uses anchors and aliases."""
    import yaml

    if len(text) > MAX_CHARACTERS:
        raise DefinitionError(where, [Problem("", 1, 1, Fault.FILE_TOO_LONG.say(limit=MAX_CHARACTERS))])
    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = getattr(error, "problem", None) or str(error)
        raise DefinitionError(where, [Problem("", line, column, Fault.NOT_YAML.say(problem=message))]) from error
    if root is None:
        raise DefinitionError(where, [Problem("", 1, 1, Fault.FILE_EMPTY.say())])
    reader = _PlainReader(where)
    return DefinitionText(where, reader.plain(root, ()), reader.marks)


class _PlainReader:
    """Walks YAML nodes instead of letting YAML guess types: it would read 01 as 1 and no as false."""

    def __init__(self, where: str) -> None:
        self.marks: dict[Path, tuple[int, int]] = {}
        self._where = where
        self._seen: set[int] = set()

    def plain(self, node: "Node", path: Path) -> Any:
        from yaml import MappingNode, SequenceNode

        place = (node.start_mark.line + 1, node.start_mark.column + 1)
        if id(node) in self._seen:
            raise self._error(path, place, Fault.ANCHOR.say())
        self._seen.add(id(node))
        self.marks[path] = place
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.plain(part, (*path, index)) for index, part in enumerate(node.value)]
        return node.value

    def _mapping(self, node: "MappingNode", path: Path) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key, value in node.value:
            place = (key.start_mark.line + 1, key.start_mark.column + 1)
            if not isinstance(key.value, str):
                raise self._error(path, place, Fault.NAME_EXPECTED.say())
            if key.value in mapping:
                raise self._error(path, place, Fault.NAME_TWICE.say(name=key.value))
            mapping[key.value] = self.plain(value, (*path, key.value))
        return mapping

    def _error(self, path: Path, place: tuple[int, int], message: str) -> DefinitionError:
        return DefinitionError(self._where, [Problem(".".join(map(str, path)), *place, message=message)])
