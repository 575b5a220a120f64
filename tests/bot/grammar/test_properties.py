"""The two properties of DESIGN 6, and a hundred thousand lines of soup."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.grammar import TOPICS, is_addressed, parse, render
from bot.grammar.parse import At
from domain.command import Command, Imagine, Reject
from domain.errors import CommandError
from tests.bot.grammar.lines import imagines, soup, verbs

THOROUGH = settings(
    max_examples=2000,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@THOROUGH
@given(imagines, st.sampled_from(("channel", "thread")))
def test_every_prompt_reads_back_as_itself(command: Imagine, at: At) -> None:
    assert parse(render(command), at=at) == command


@THOROUGH
@given(verbs(TOPICS))
def test_every_verb_reads_back_as_itself_in_a_thread(command: Command) -> None:
    assert parse(render(command), at="thread") == command


@THOROUGH
@given(verbs(TOPICS))
def test_a_verb_is_the_same_in_a_channel_unless_it_is_a_reason_without_a_number(
    command: Command,
) -> None:
    if not (isinstance(command, Reject) and command.number is None and command.reason):
        assert parse(render(command), at="channel") == command


@THOROUGH
@given(st.integers(0, 2**32 - 1), st.sampled_from(("channel", "thread")))
def test_the_canonical_line_is_a_fixed_point(seed: int, at: At) -> None:
    chance = random.Random(seed)  # noqa: S311 - soup is no secret
    command = None
    while command is None:
        command = _parsed(soup(chance), at)
    line = render(command)
    again = parse(line, at=_place(command, at))
    assert again == command
    assert render(again) == line


@pytest.mark.parametrize("at", ["channel", "thread"])
def test_soup_raises_nothing_but_command_errors(at: At) -> None:
    chance = random.Random(20261123)  # noqa: S311 - the same
    parsed = sum(_parsed(soup(chance), at) is not None for _ in range(50_000))
    assert parsed > 2_000


def test_soup_is_addressed_or_chatter_and_never_an_error() -> None:
    chance = random.Random(7)  # noqa: S311 - soup is no secret
    addressed = sum(is_addressed(soup(chance)) for _ in range(5_000))
    assert 0 < addressed < 1_000


def _parsed(line: str, at: At) -> Command | None:
    try:
        return parse(line, at=at)
    except CommandError:
        return None


def _place(command: Command, at: At) -> At:
    """A verb's line is read where verbs are: `reject` with words is a prompt in a channel."""
    return at if isinstance(command, Imagine) else "thread"
