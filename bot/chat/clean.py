"""What every platform's text needs before it is read: quotes, gaps and code marks made plain."""

import re
from typing import Final

_GAPS: Final = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_NOTHING: Final = re.compile("[\u00ad\u200b\u2060\ufeff]")
_QUOTED: Final = re.compile('[“„‟]([^“„‟”"\n]*)[”“]')
_BLOCK: Final = re.compile(r"```(?:[a-z]{1,12}\n)?(.*?)```", re.DOTALL)
_SPAN: Final = re.compile(r"(`{1,2})([^`\n]+)\1")


def tidy(text: str) -> str:
    """Return *text* as a person meant it.

    Curly double quotes become straight where they pair, because the grammar reads lettering between
    straight ones; gaps of any kind become spaces; what has no width goes (the joiners U+200C and
    U+200D stay: Persian, Indic scripts and emoji are spelled with them); a code span or block
    around the whole text is taken off.
    """
    plain = _NOTHING.sub("", _GAPS.sub(" ", text)).strip()
    return _QUOTED.sub(r'"\1"', _unwrapped(plain)).strip()


def _unwrapped(text: str) -> str:
    block = _BLOCK.fullmatch(text)
    if block:
        return block[1].strip()
    span = _SPAN.fullmatch(text)
    return span[2].strip() if span else text
