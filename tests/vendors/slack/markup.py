"""Finds markup that came from people and is still alive in what an app sends."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

NAKED: Final = re.compile(r"&(?!(amp|lt|gt);)")
TOKEN: Final = re.compile(r"<[^<>]*>?")
OURS: Final = re.compile(
    r"<(@[UW]\w+|#C\w+(\|[^<>]*)?|(https?://|mailto:)[^<>|]+(\|[^<>]*)?|!date\^[^<>]+)>"
)


def live(sent: Any) -> Iterator[str]:
    """Return every text in which Slack reads markup: mrkdwn objects, and ``text`` at the top."""
    if isinstance(sent, list):
        for one in sent:
            yield from live(one)
    elif isinstance(sent, dict):
        if sent.get("type") in ("mrkdwn", "markdown") and isinstance(sent.get("text"), str):
            yield sent["text"]
        for value in sent.values():
            if isinstance(value, dict | list):
                yield from live(value)


def complaints(sent: dict[str, Any], hostile: Iterable[str]) -> list[str]:
    """Return what is wrong with the markup of a whole message or view, a line each."""
    texts = list(live(sent))
    if isinstance(sent.get("text"), str):
        texts.append(sent["text"])
    return [fault for text in texts for fault in _faults(text, hostile)]


def _faults(text: str, hostile: Iterable[str]) -> Iterator[str]:
    for one in hostile:
        if one in text and (one != "&" or NAKED.search(text)):
            yield f"{one!r} leaves alive in {text!r}"
    if NAKED.search(text):
        yield f"an unescaped & leaves in {text!r}"
    for token in TOKEN.findall(text):
        if not OURS.fullmatch(token):
            yield f"unescaped markup {token!r} leaves in {text!r}"
