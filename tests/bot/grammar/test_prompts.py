"""Segments: by place, by name, by weight; quotes and escapes; what the lines of a channel mean."""

import pytest

from bot.grammar import parse, render
from domain.command import Compare, Export, Imagine, Pick, Reject
from domain.errors import CommandError
from domain.flags import Flags
from domain.questions import Help
from domain.spec import MAX_PROMPT_CHARS, SEGMENTS, Segment, Segments


def prompt(line: str) -> Imagine:
    command = parse(line)
    assert isinstance(command, Imagine)
    return command


def texts(line: str) -> tuple[str, ...]:
    return tuple(prompt(line).segments[name].text for name in SEGMENTS)


def weights(line: str) -> tuple[float, ...]:
    return tuple(prompt(line).segments[name].weight for name in SEGMENTS)


def subject(line: str) -> str:
    segments = prompt(line).segments
    assert segments == Segments(subject=segments.subject)
    return segments.subject.text


def faults_of(line: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        parse(line)
    return caught.value


def test_the_line_of_the_design_is_read_whole() -> None:
    line = (
        "a red teapot :: on a slate worktop :: 85mm, f/2 :: editorial, soft daylight "
        ":: text, watermark --task product --ar 4:5"
    )
    assert prompt(line) == Imagine(
        segments=Segments(
            subject=Segment(text="a red teapot"),
            environment=Segment(text="on a slate worktop"),
            technical=Segment(text="85mm, f/2"),
            style=Segment(text="editorial, soft daylight"),
            negative=Segment(text="text, watermark"),
        ),
        flags=Flags(task="product", aspect_ratio="4:5"),
    )
    assert render(parse(line)) == f"imagine {line}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a red fox", ("a red fox", "", "", "", "")),
        ("  a   red\n fox\u00a0\u200b ", ("a red fox", "", "", "", "")),
        ("a :: b", ("a", "b", "", "", "")),
        ("a::b::c::d::e", ("a", "b", "c", "d", "e")),
        ("a :: :: :: noir", ("a", "", "", "noir", "")),
        (":: b", ("", "b", "", "", "")),
        ("a :: b :: c :: d :: e ::", ("a", "b", "c", "d", "e")),
        ("a style=noir", ("a", "", "", "noir", "")),
        ("style=noir, moody subject=a cat", ("a cat", "", "", "noir, moody", "")),
        ('style="noir, moody" a cat :: loft', ("a cat", "loft", "", "noir, moody", "")),
        ("a cat style=noir :: loft", ("a cat", "loft", "", "noir", "")),
        ("a cat ::style=noir", ("a cat", "", "", "noir", "")),
        ("a Style=Noir", ("a", "", "", "Noir", "")),
        ("a cat --ar 3:2 style=noir", ("a cat", "", "", "noir", "")),
        ("lifestyle=x", ("lifestyle=x", "", "", "", "")),
        ("style: noir", ("style: noir", "", "", "", "")),
        ("a :: b :: 85mm", ("a", "b", "85mm", "", "")),
        ("negative=no text", ("", "", "", "", "no text")),
    ],
)
def test_segments_are_filled_by_place_and_by_name(line: str, expected: tuple[str, ...]) -> None:
    assert texts(line) == expected


@pytest.mark.parametrize(
    ("line", "expected_texts", "expected_weights"),
    [
        ("mug on desk ::2 loft :: 85mm", ("mug on desk", "loft", "85mm"), (2, 1, 1)),
        ("mug::2 loft", ("mug", "loft", ""), (2, 1, 1)),
        ("mug ::-.5 loft ::0.25", ("mug", "loft", ""), (-0.5, 0.25, 1)),
        ("mug ::2::loft", ("mug", "", "loft"), (2, 1, 1)),
        ("mug ::2d loft", ("mug", "2d loft", ""), (1, 1, 1)),
        ("mug :: 2 lofts", ("mug", "2 lofts", ""), (1, 1, 1)),
        ("mug ::1 loft", ("mug", "loft", ""), (1, 1, 1)),
    ],
)
def test_a_number_touching_the_colons_weighs_the_segment_before(
    line: str, expected_texts: tuple[str, ...], expected_weights: tuple[float, ...]
) -> None:
    assert texts(line)[:3] == expected_texts
    assert weights(line)[:3] == expected_weights


def test_a_weight_after_a_name_weighs_that_segment() -> None:
    assert prompt("a style=noir ::2").segments.style == Segment(text="noir", weight=2)
    assert prompt('style="noir" a ::2').segments.subject == Segment(text="a", weight=2)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('a sign "SALE :: NOW"', 'a sign "SALE :: NOW"'),
        ('a sign "50 --ar 2:1 {x} style=y"', 'a sign "50 --ar 2:1 {x} style=y"'),
        ("a sign “SALE :: NOW”", "a sign “SALE :: NOW”"),
        (r"a \:: b", "a :: b"),
        (r"a \--ar b", "a --ar b"),
        (r"a \{b, c}", "a {b, c}"),
        (r"style\=noir", "style=noir"),
        (r"a \\ b", r"a \ b"),
        (r"say \"hi", 'say "hi'),
        ("a\\", "a\\"),
        ('a 5" screen', 'a 5" screen'),
        ("a 5' desk", "a 5' desk"),
        ("t-shirt -- blue", "t-shirt -- blue"),
        ("well--known", "well--known"),
        ("a cat — with seeds", "a cat — with seeds"),
        ("a 5--6 split", "a 5--6 split"),
        ("\uff26\uff35 width \ufb01 é e\u0301", "\uff26\uff35 width \ufb01 é e\u0301"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
    ],
)
def test_quotes_stay_and_escapes_go(line: str, text: str) -> None:
    assert subject(line) == text


@pytest.mark.parametrize(
    "line",
    [
        'a 5" screen --ar 16:9',
        'a "lost quote --ar 16:9',
        "a “lost quote --ar 16:9",
        'a 5" screen, a 7" screen --ar 16:9',
        'a "lost one --brief "in quotes" --ar 16:9',
    ],
)
def test_a_lost_quote_swallows_no_flag(line: str) -> None:
    assert prompt(line).flags.aspect_ratio == "16:9"


def test_a_sixth_segment_is_an_error_that_names_style() -> None:
    error = faults_of("a :: b :: c :: d :: e :: f")
    assert [(fault.flag, fault.value) for fault in error.faults] == [("::", "f")]
    assert "style=" in error.message


@pytest.mark.parametrize(
    ("line", "flag"),
    [
        ("style=a style=b", "style="),
        ("a cat subject=b", "subject="),
        ('cat style="noir" on a mat', "subject="),
        ("a ::99", "::99"),
        ("::2 subject=b ::3", "::3"),
    ],
)
def test_what_would_be_lost_is_a_fault(line: str, flag: str) -> None:
    assert [fault.flag for fault in faults_of(line).faults] == [flag]


def test_braces_without_a_choice_are_refused_with_the_way_to_write_a_brace() -> None:
    (fault,) = faults_of("a {red} cat").faults
    assert (fault.flag, fault.value) == ("{", "{red}")
    assert r"\{" in fault.allowed


def test_an_empty_prompt_is_an_error_and_a_picture_is_enough() -> None:
    assert faults_of("").faults[0].flag == "prompt"
    assert faults_of("--count 2").faults[0].flag == "prompt"
    assert prompt("--init photo.png").flags.init_image == "photo.png"


def test_a_prompt_has_a_longest_length() -> None:
    assert subject("x" * MAX_PROMPT_CHARS) == "x" * MAX_PROMPT_CHARS
    (fault,) = faults_of("x" * MAX_PROMPT_CHARS + " :: y").faults
    assert fault.value == f"{MAX_PROMPT_CHARS + 1} characters"
    assert str(MAX_PROMPT_CHARS) in fault.allowed
    assert faults_of("a --brief " + "x" * 50_000).faults[0].flag == "--brief"
    assert faults_of("a --no " + "x, " * 9_000).faults[0].flag == "--no"


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("a\u202eb", "U+202E"),
        ("a\u2066b", "U+2066"),
        ("a\x00b", "U+0000"),
        ("a\x1bb", "U+001B"),
        ("a\x85b", "U+0085"),
        ("a\ud800b", "U+D800"),
    ],
)
def test_harmful_characters_are_refused_by_code_point(text: str, point: str) -> None:
    (fault,) = faults_of(text).faults
    assert fault.value == point
    assert faults_of(text).message.isprintable()


def test_bad_characters_and_bad_flags_are_told_together() -> None:
    assert [fault.flag for fault in faults_of("a\x00 --count 9").faults] == ["text", "--count"]


@pytest.mark.parametrize(
    "line",
    [
        "export documents on a desk",
        "upscale fashion boutique",
        "find waldo in a crowd",
        "help desk in an office",
        "branch of a cherry tree",
        "pick two apples",
        "edit suite with two monitors",
        "seed packets on a table",
        "seed",
        "compare and contrast",
        "reject society",
        "show jumping horse",
        "star over the sea --ar 3:2",
        "export --ar 3:2",
        "rate my setup",
        "review of a book",
    ],
)
def test_a_verbs_word_before_other_words_is_a_prompt_in_a_channel(line: str) -> None:
    assert subject(line) == line.partition(" --")[0]


def test_a_line_that_has_the_form_of_a_verb_is_the_verb() -> None:
    assert parse("help") == Help()
    assert parse("Compare") == Compare()
    assert parse("pick 2 --in r1") == Pick(number=2, run="r1")
    assert parse("export --all") == Export(everything=True)
    assert parse("reject 2 bad hands") == Reject(number=2, reason="bad hands")
    assert "1 to 8" in faults_of("pick 9").message
    assert "not built yet" in faults_of("describe 2").message
    assert "not built yet" in faults_of("settings").message


@pytest.mark.parametrize("lead", ["imagine ", "/imagine ", "Imagine ", "/imagine\n"])
def test_after_imagine_everything_is_a_prompt(lead: str) -> None:
    assert subject(f"{lead}help") == "help"
    assert subject(f"{lead}imagine all the people") == "imagine all the people"
    assert parse(f"{lead}pick 2", at="thread") == prompt("imagine pick 2")


def test_a_prompt_always_renders_with_its_verb() -> None:
    assert render(parse("imagine help")) == "imagine help"
    assert render(Imagine(segments=Segments(style=Segment(text="noir", weight=0.5)))) == (
        "imagine :: :: :: noir ::0.5"
    )
