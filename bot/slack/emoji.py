"""Slack's names of the reactions that say something to us, and those that the bot puts.

Names: the short codes of Slack's standard set (github.com/iamcal/emoji-data, read 2026-11).
"""

from typing import Final

UNICODE: Final = {
    "one": "1\u20e3",
    "two": "2\u20e3",
    "three": "3\u20e3",
    "four": "4\u20e3",
    "five": "5\u20e3",
    "six": "6\u20e3",
    "seven": "7\u20e3",
    "eight": "8\u20e3",
    "white_check_mark": "✅",
    "heavy_check_mark": "✔",
    "+1": "👍",
    "thumbsup": "👍",
    "-1": "👎",
    "thumbsdown": "👎",
    "star": "⭐",
    "no_entry_sign": "🚫",
    "x": "❌",
}
"""Without U+FE0F; a name that is not here says nothing to us."""
DIGITS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight")


def unicode_of(name: str) -> str | None:
    """Return the emoji of a reaction's name, skin tone stripped; None for one we do not know."""
    return UNICODE.get(name.partition("::")[0].strip(":"))
