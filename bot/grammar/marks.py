r"""Where a line has structure: ``::``, ``style=``, flags, braces; quotes and backslashes hide it.

One pattern serves both ways: ``scan`` finds the structure of a line, and ``escape`` puts a
backslash before whatever the same pattern would find in a text. It is linear: nothing in it
backtracks over more than one mark.

A double quote opens only where no letter or digit stands before it, and only if the next quote
closes it: one with no white space before it and no letter or digit behind it. So in ``5" screen``
and in ``a "lost quote --ar 3:2`` the quote is a character like any other and swallows no flag.
Curly quotes, which phones type, hide structure too; in a segment they stay as typed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from bot.grammar.clean import squeeze
from bot.grammar.flags import FLAG_NAMES
from domain.spec import SEGMENTS

MarkKind = Literal["separator", "name", "flag", "slip", "brace"]

QUOTED: Final = r'(?<![^\W_])"[^"\\]*+(?:\\.[^"\\]*+)*+(?<!\s)"(?![^\W_])'
CURLY: Final = r"“[^“”\\]*+(?:\\.[^“”\\]*+)*+”"
_STARTS: Final = r"(?:(?<!\S)|(?<=::))"
_FLAG_WORD: Final = "|".join(sorted(FLAG_NAMES, key=len, reverse=True))
_STRUCTURE: Final = re.compile(
    rf"""
      (?P<escaped>\\.)
    | (?P<quoted>{QUOTED}|{CURLY})
    | (?P<stray>(?<![^\W_])"|“)
    | (?P<separator>::(?P<weight>[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?=\s|::|$))?)
    | (?P<flag>{_STARTS}(?:--|[—–])(?P<flagname>[A-Za-z][A-Za-z0-9_-]*+)=?)
    | (?P<slip>{_STARTS}(?:--(?=\ (?:{_FLAG_WORD})(?:\s|$))|[—–](?=\ (?:{_FLAG_WORD})\ [0-9])))
    | (?P<name>(?<![^\s:])(?P<segment>{"|".join(SEGMENTS)})=)
    | (?P<brace>\{{)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_PIECE: Final = re.compile(
    rf"""
      \\(?P<escaped>.)
    | (?P<quoted>{QUOTED}|{CURLY})
    | (?P<split>[\s,])
    | (?P<plain>[^\\"“\s,]++|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_LEADING: Final = re.compile(f"{QUOTED}|{CURLY}", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mark:
    """One piece of structure in a line."""

    kind: MarkKind
    start: int
    end: int
    said: str = ""
    """The flag's or segment's name in lower case, or the weight that touches ``::``."""


def scan(line: str) -> Iterator[Mark]:
    """Yield the structure of *line* from left to right."""
    for found in _STRUCTURE.finditer(line):
        start, end = found.span()
        match found.lastgroup:
            case "separator":
                yield Mark("separator", start, end, found["weight"] or "")
            case "flag":
                yield Mark("flag", start, end, found["flagname"].lower())
            case "name":
                yield Mark("name", start, end, found["segment"].casefold())
            case "slip" | "brace" as kind:
                yield Mark(kind, start, end)
            case _:
                pass


def escape(text: str) -> str:
    """Write *text* so that ``scan`` finds nothing in it and ``unescape`` gives it back."""
    return _STRUCTURE.sub(_escape_mark, text.replace("\\", "\\\\"))


def _escape_mark(found: re.Match[str]) -> str:
    said = found[0]
    match found.lastgroup:
        case "escaped" | "quoted":
            return said
        case "name":
            return f"{said[:-1]}\\="
        case "separator" if found.string[found.end() : found.end() + 1] == ":":
            return f"\\:\\{said[1:]}"
        case _:
            return f"\\{said}"


def unescape(raw: str) -> str:
    """Read a stretch of segment text: backslashes go, quotes stay, white space is made single."""
    return squeeze(_ESCAPED.sub(r"\1", raw))


def words(raw: str) -> list[str]:
    """Read a flag's value as words; quotes delimit and go."""
    return _split(raw, " ")


def items(raw: str) -> list[str]:
    """Read a flag's value as a comma list; quotes delimit and go; empty items are left out."""
    return [item for item in _split(raw, ",") if item]


def whole(raw: str) -> str:
    """Read a value of many words as one text; quotes delimit and go."""
    return squeeze("".join(text for text, _ in _pieces(raw)))


def leading_quote(raw: str) -> tuple[str, str]:
    """Split *raw* into the quoted text that it begins with, if any, and the rest."""
    found = _LEADING.match(raw)
    end = found.end() if found else 0
    return raw[:end], raw[end:].strip()


def _split(raw: str, at: str) -> list[str]:
    parts: list[list[str]] = []
    fresh = True
    for text, splits in _pieces(raw):
        if splits and (text == at):
            fresh = True
            continue
        if fresh and not (splits and text == " "):
            parts.append([])
            fresh = False
        if parts and not fresh:
            parts[-1].append(text)
    return [squeeze("".join(part)) for part in parts]


def _pieces(raw: str) -> Iterator[tuple[str, bool]]:
    """Yield the text of *raw* piece by piece, and whether the piece may split it."""
    for found in _PIECE.finditer(raw):
        match found.lastgroup:
            case "escaped":
                yield found["escaped"], False
            case "quoted":
                yield _ESCAPED.sub(r"\1", found["quoted"][1:-1]), False
            case "split":
                yield ("," if found[0] == "," else " "), True
            case _:
                yield found[0], False
