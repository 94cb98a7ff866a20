"""Reading a page as a browser does: its forms with what they would send, its links and its text. Standard library."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

Attributes = list[tuple[str, str | None]]


@dataclass(slots=True)
class Form:
    """One form of a page; `fields` is what a browser would send if nobody touched it."""

    id: str
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)
    choices: dict[str, list[str]] = field(default_factory=dict)
    chosen: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    """One answer of the server."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    forms: dict[str, Form] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    text: str = ""

    @property
    def location(self) -> str:
        """Where a redirect points."""
        return urljoin(self.url, self.headers["location"])


def read_page(url: str, status: int, headers: dict[str, str], body: bytes) -> Page:
    """The page with its forms, links and text; a body that is not HTML has none of them."""
    page = Page(url, status, headers, body)
    if headers.get("content-type", "").startswith("text/html"):
        reader = _Reader(url)
        reader.feed(body.decode())
        reader.close()
        page.forms, page.links = reader.forms, reader.links
        page.text = " ".join("".join(reader.words).split())
    return page


class _Reader(HTMLParser):
    """Collects forms, links and text while the page goes by."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: dict[str, Form] = {}
        self.links: list[str] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """Note what this element adds to the page."""
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(urljoin(self.url, given["href"]))
        elif tag == "form":
            action = urljoin(self.url, given.get("action", ""))
            self._form = Form(given.get("id", ""), action, given.get("method", "get").lower())
            self.forms[self._form.id or action] = self._form
        elif self._form is not None and tag in {"input", "select", "textarea", "button", "option"}:
            self._control(self._form, tag, given)

    def handle_endtag(self, tag: str) -> None:
        """Leave the element."""
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        """Keep the words, and what stands in a textarea."""
        if self._textarea and self._form is not None:
            self._form.fields[self._textarea] += data
        else:
            self.words.append(data)

    def _control(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "option":
            self._option(form, value, chosen="selected" in given)
            return
        if name and "required" in given:
            form.required.add(name)
        if tag == "button":
            form.buttons.append((name, value))
        elif tag == "textarea":
            self._textarea = name
            form.fields[name] = ""
        elif tag == "select":
            self._select = name
            form.fields[name] = ""
        elif given.get("type") in {"radio", "checkbox"}:
            self._tick(form, name, value, ticked="checked" in given)
        elif name:
            form.fields[name] = value
        form.names.add(name)

    def _tick(self, form: Form, name: str, value: str, *, ticked: bool) -> None:
        form.choices.setdefault(name, []).append(value)
        if ticked:
            form.chosen.add(name)
            form.fields[name] = value

    def _option(self, form: Form, value: str, *, chosen: bool) -> None:
        options = form.choices.setdefault(self._select, [])
        if chosen or not options:
            form.fields[self._select] = value
        options.append(value)
