"""What can be read on a page of the console: cards and lines, with their buttons and pictures."""

from dataclasses import replace
from html.parser import HTMLParser

from tests.stories.drivers.protocol import Shown

MESSAGES = {("article", "card"), ("div", "note")}
VOID = frozenset({"img", "br", "meta", "link", "input", "hr"})


class _Messages(HTMLParser):
    """Collects messages; nothing in a page of ours nests one in another."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Shown] = []
        self._depth = 0
        self._ref = ""
        self._text: list[str] = []
        self._buttons: list[str] = []
        self._pictures = 0
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        begins = (tag, known.get("class", "").split(" ")[0]) in MESSAGES
        if not self._depth and begins:
            self._depth, self._text, self._buttons, self._pictures = 1, [], [], 0
            self._links = []
            self._ref = known.get("data-run") or known.get("data-note", "")
            return
        if self._depth and tag not in VOID:
            self._depth += 1
        self._pictures += tag == "img"
        if tag == "a" and "href" in known:
            self._links.append(known["href"])
        if tag in ("button", "a") and (label := known.get("aria-label")):
            self._buttons.append(label)

    def handle_endtag(self, tag: str) -> None:
        if not self._depth or tag in VOID:
            return
        self._depth -= 1
        if not self._depth:
            text = " ".join(" ".join(self._text).split())
            shown = Shown(self._ref, text, tuple(self._buttons), self._pictures)
            self.found.append(replace(shown, links=tuple(self._links)))

    def handle_data(self, data: str) -> None:
        if self._depth and data.strip():
            self._text.append(data)
            self._buttons.append(data.strip())


def messages_of(html: str) -> list[Shown]:
    """Return the messages of a page, in their order."""
    reader = _Messages()
    reader.feed(html)
    return reader.found
