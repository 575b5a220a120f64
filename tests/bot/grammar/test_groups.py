"""Lines with groups: counted before they are expanded, read as ever, called after what varies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grammar import parse, render
from bot.grammar.parse import At
from domain.command import Again, Branch, Edit, Imagine, Permuted
from domain.errors import CommandError
from tests.bot.grammar.test_properties import THOROUGH

PIECES = ("a", "{a, b}", "{x, {y, z}}", "{1-3}", "::", "--cfg {3, 5}", "{, ink}", "|", "{a|b, c}")
MORE = (r"\{", r"\,", '"{q}"', "style={p, q}", "--steps {10, 20, .., 40}", "}", "{", "2")


def spread(line: str, at: At = "channel") -> Permuted:
    command = parse(line, at=at)
    assert isinstance(command, Permuted)
    return command


def axes(line: str, at: At = "channel") -> list[tuple[str, tuple[str, ...]]]:
    return [(axis.name, axis.values) for axis in spread(line, at).axes]


def subjects(line: str) -> list[str]:
    return [one.segments.subject.text for one in spread(line).cells if isinstance(one, Imagine)]


def test_two_groups_make_every_combination_and_the_last_turns_fastest() -> None:
    command = spread("a {red, blue} mug --cfg {3, 5, 7}")
    said = [(one.segments.subject.text, one.flags.cfg_scale) for one in command.cells]  # type: ignore[union-attr]  # a prompt
    assert said[:4] == [("a red mug", 3), ("a red mug", 5), ("a red mug", 7), ("a blue mug", 3)]
    assert axes(command.pattern) == [
        ("subject", ("red", "blue")),
        ("cfg_scale", ("3", "5", "7")),
    ]


def test_options_nest_may_be_empty_and_are_parted_by_bars_where_those_stand() -> None:
    assert subjects("a {b, c {d, e}}") == ["a b", "a c d", "a c e"]
    assert subjects("an {old, } house") == ["an old house", "an house"]
    assert subjects("{a, b | c}") == ["a, b", "c"]
    assert subjects("{a | b || c}") == ["a | b", "c"]


def test_a_backslash_and_quotes_make_signs_literal() -> None:
    assert subjects(r"{a\, b, c\}}") == ["a, b", "c}"]
    assert subjects('{"x, y", z}') == ['"x, y"', "z"]
    assert isinstance(parse(r"a \{b, c\}"), Imagine)


@pytest.mark.parametrize(
    ("group", "values"),
    [
        ("{1-5}", (1, 2, 3, 4, 5)),
        ("{1-5 (+2)}", (1, 3, 5)),
        ("{1-10 [4]}", (1, 4, 7, 10)),
        ("{1, 2, .., 5}", (1, 2, 3, 4, 5)),
        ("{5-3}", (5, 4, 3)),
        ("{0.5-1 (+0.25), 9}", (0.5, 0.75, 1, 9)),
    ],
)
def test_ranges_are_read_where_a_flag_takes_a_number(group: str, values: tuple[float, ...]) -> None:
    assert tuple(one.flags.cfg_scale for one in spread(f"a --cfg {group}").cells) == values


def test_axes_are_called_after_what_varies() -> None:
    assert [name for name, _ in axes("a :: :: :: {x, y} {p, q}")] == ["style", "style 2"]
    assert [name for name, _ in axes("{a, b} --model x:y, x:z")] == ["subject", "model"]
    assert [name for name, _ in axes("{a --steps 4, b --steps 9}")] == ["subject and steps"]
    assert axes("{a, } cat")[0][1] == ("a", "(nothing)")


def test_edits_branches_and_rerolls_vary_too() -> None:
    assert isinstance(spread("style: more {x, y}", "thread").first, Edit)
    assert isinstance(spread("branch 2 --strength {0.4, 0.5}", "thread").first, Branch)
    assert isinstance(spread("again --strength {0.4, 0.5} --in r2", "thread").first, Again)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a {b", "closes"),
        ("a {b}", "options to choose from"),
        ("a {b, b}", "ask for the same"),
        ("{a,b}" * 20_000, "more than a million cells"),
        ("a --seed {1-4000000000}", "more than a million cells"),
        ("{" * 5000, "deep"),
        ("{a,b}{c,d}{e,f}{g,h}", "4 groups"),
        ("{a,b,c,d,e} {a,b,c,d,e} --model x:y, x:z", "50 cells"),
        ("a --dry-run {, --cfg 3} {--max-cost 1, --max-cost 2}", "as a whole"),
    ],
)
def test_what_cannot_be_is_refused_with_its_number(line: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        parse(line)


@THOROUGH
@given(st.lists(st.sampled_from((*PIECES, *MORE)), max_size=6), st.sampled_from(("", " ")))
def test_a_line_with_groups_is_a_fixed_point(pieces: list[str], gap: str) -> None:
    try:
        command = parse(gap.join(pieces))
    except CommandError:
        return
    line = render(command)
    assert parse(line, at="thread" if isinstance(command, Permuted) else "channel") == command
    assert render(parse(line, at="thread")) == line
