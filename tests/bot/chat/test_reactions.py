"""Emoji say the same lines as words and buttons."""

import pytest

from bot.chat.reactions import line_of, plain_emoji
from bot.grammar import parse


@pytest.mark.parametrize(
    ("emoji", "added", "number", "picked", "line"),
    [
        ("2️⃣", True, None, [], "pick 2"),
        ("2️⃣", True, None, [2], None),
        ("2️⃣", False, None, [2], "unpick 2"),
        ("2️⃣", False, None, [], None),
        ("8️⃣", True, None, [], "pick 8"),
        ("9️⃣", True, None, [], None),
        ("✅", True, None, [], "approve"),
        ("✅", True, 3, [], "approve 3"),
        ("✅", False, None, [], "withdraw"),
        ("🚫", True, 3, [], "reject 3"),
        ("🚫", False, 3, [], "withdraw 3"),
        ("❌", True, None, [], "takedown"),
        ("❌", False, None, [], None),
        ("👍", True, 1, [], "rate 1 up"),
        ("👍🏽", False, 1, [], "rate 1 none"),
        ("👎", True, 1, [], "rate 1 down"),
        ("⭐", True, 1, [], "favourite 1"),
        ("⭐", False, 1, [], "unfavourite 1"),
        ("👍", True, None, [], None),
        ("⭐", True, None, [], None),
        ("🎉", True, 1, [], None),
        ("", True, 1, [], None),
    ],
)
def test_a_reaction_is_a_line_or_nothing(
    emoji: str,
    added: bool,  # noqa: FBT001  a column of the table
    number: int | None,
    picked: list[int],
    line: str | None,
) -> None:
    said = line_of(plain_emoji(emoji), added=added, number=number, picked=picked)
    assert said == line
    if said is not None:
        assert parse(said, at="thread").kind
