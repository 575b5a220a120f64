"""Long and hostile lines: read in a time that grows with their length, whatever they hold."""

import time

import pytest

from bot.grammar import is_addressed, parse, render
from bot.grammar.marks import escape, unescape
from domain.errors import CommandError

HOSTILE = (
    *("x", "x ", '"', '"a ', '" ', "\\", "\\\\", "::", ":: ", "::9", ":", "--", "-- ", "--a ", "—"),
    *("-- ar ", "{", "{a,", "“", "“a ", "“”", "style=", "style=a ", "style: a\n", "a\n", "\u200b"),
    *("--no a ", "--no a, ", "--seed 1 ", "--brief ", "--x1 --y2 --z3 ", "9", "9:", "#1 ", "\x00"),
)


@pytest.mark.parametrize("token", HOSTILE)
@pytest.mark.parametrize("at", ["channel", "thread"])
def test_a_hundred_thousand_hostile_characters_are_read_at_once(token: str, at: str) -> None:
    line = ("a " + token * 100_000)[:99_000]
    begun = time.process_time()
    for lead in ("", "style: ", "branch 2 "):
        _try(lead + line, at)
    assert time.process_time() - begun < 3.0


def test_two_million_characters_are_refused_unread() -> None:
    line = "a :: " * 400_000
    begun = time.process_time()
    with pytest.raises(CommandError) as caught:
        parse(line)
    assert not is_addressed(line)
    assert time.process_time() - begun < 1.0
    assert caught.value.faults[0].value == "2000000 characters"


def test_a_long_line_is_escaped_and_read_in_a_time_that_grows_with_it() -> None:
    text = 'a" :: “x --ar \\ {style= "b" ' * 70_000
    begun = time.process_time()
    assert unescape(escape(text)) == " ".join(text.split())
    assert time.process_time() - begun < 10.0


def test_the_longest_prompt_reads_back() -> None:
    command = parse("imagine " + '\\{\\"' * 4000)
    assert parse(render(command)) == command


def _try(line: str, at: str) -> None:
    try:
        parse(line, at="thread" if at == "thread" else "channel")
    except CommandError:
        return
