"""Lines of a thread: verbs, edits of segments, and what is chatter."""

from typing import get_args

import pytest

from bot.grammar import TOPICS, VERBS, Verb, button_line, help_text, is_addressed, parse, render
from domain.command import (
    Again,
    Approve,
    Branch,
    Cancel,
    Command,
    Compare,
    Details,
    Edit,
    Export,
    Favourite,
    Imagine,
    Pick,
    Rate,
    Reject,
    Reroll,
    Restore,
    Retry,
    SegmentEdit,
    SetBaseline,
    Unpick,
    Withdraw,
)
from domain.errors import CommandError
from domain.flags import Flags
from domain.questions import Help
from domain.spec import Segment, Segments

ULID = "01JABCDEFGHJKMNPQRSTVWXYZ0"
STYLE = SegmentEdit(segment="style", action="more", text="cinematic")


def said(line: str) -> Command:
    return parse(line, at="thread")


def fault(line: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        said(line)
    return caught.value


@pytest.mark.parametrize(
    ("line", "action", "text"),
    [
        ("style: noir", "replace", "noir"),
        ("Style: noir, moody", "replace", "noir, moody"),
        ("style=+ noir", "replace", "+ noir"),
        ("style:noir", "replace", "noir"),
        ("style: + fog", "append", "fog"),
        ("style: +fog", "append", "fog"),
        ("style: - fog", "remove", "fog"),
        ("style: -fog", "remove", "fog"),
        ("style: -2 EV", "replace", "-2 EV"),
        ("style: more cinematic", "more", "cinematic"),
        ("style: More cinematic", "more", "cinematic"),
        ("style: less grain", "less", "grain"),
        ("style: moreish", "replace", "moreish"),
        (r"style: \more cinematic", "replace", "more cinematic"),
        (r"style: \+ fog", "replace", "+ fog"),
        ("style: subject: x", "replace", "subject: x"),
        ('style: "a :: b"', "replace", '"a :: b"'),
        ('style="more fog"', "replace", "more fog"),
        ('style=""', "replace", ""),
    ],
)
def test_a_segment_is_edited_by_its_name(line: str, action: str, text: str) -> None:
    edit = SegmentEdit.model_validate({"segment": "style", "action": action, "text": text})
    assert said(line) == Edit(edits=(edit,))
    assert said(render(said(line))) == said(line)


def test_several_edits_stand_between_colons_or_on_lines() -> None:
    line = "style: more cinematic :: negative: + fog --count 2 --in r1"
    fog = SegmentEdit(segment="negative", action="append", text="fog")
    edit = Edit(edits=(STYLE, fog), flags=Flags(count=2), run="r1")
    assert said(line) == edit
    assert said("style: more cinematic\nnegative: + fog\n--count 2 --in r1") == edit
    assert said(f"edit {line}") == edit
    assert parse(f"edit {line}") == edit
    assert render(edit) == f"edit {line}"


def test_an_edit_takes_a_weight_only_with_a_whole_segment() -> None:
    noir = SegmentEdit(segment="style", action="replace", text="noir", weight=2)
    assert said("style: noir ::2") == Edit(edits=(noir,))
    assert render(Edit(edits=(noir, STYLE))) == "edit style: noir ::2 style: more cinematic"
    assert "whole segment" in fault("style: + fog ::2").message


def test_commas_and_semicolons_stay_text() -> None:
    assert said("style: a, b; negative: c") == Edit(
        edits=(SegmentEdit(segment="style", action="replace", text="a, b; negative: c"),)
    )


@pytest.mark.parametrize(
    ("line", "command", "canonical"),
    [
        ("--count 2 --steps 20", Edit(flags=Flags(count=2, steps=20)), "edit --count 2 --steps 20"),
        ("—steps 20", Edit(flags=Flags(steps=20)), "edit --steps 20"),
        ("seed 123", Edit(flags=Flags(seed=123)), "edit --seed 123"),
        ("seed random --in r2", Edit(flags=Flags(seed="random"), run="r2"), None),
        ("edit --in r2", Edit(run="r2"), "edit --in r2"),
        ("branch 2", Branch(number=2), "branch 2"),
        (
            "branch 2 --strength 0.55",
            Branch(number=2, flags=Flags(denoising_strength=0.55)),
            "branch 2 --strength 0.55",
        ),
        (
            "branch #2 style: more cinematic",
            Branch(number=2, edits=(STYLE,)),
            "branch 2 style: more cinematic",
        ),
        ("branch 2\nstyle: more cinematic", Branch(number=2, edits=(STYLE,)), None),
        ("reroll", Reroll(), "reroll"),
        ("reroll --count 2 --in r3", Reroll(flags=Flags(count=2), run="r3"), None),
        ("again", Again(), "again"),
        ("pick 3", Pick(number=3), "pick 3"),
        (f"pick 3 --in {ULID}", Pick(number=3, run=ULID), f"pick 3 --in {ULID}"),
        ("/pick 3", Pick(number=3), "pick 3"),
        ("unpick 3", Unpick(number=3), "unpick 3"),
        ("rate 2 up", Rate(number=2, value="up"), "rate 2 up"),
        ("rate 2 👎", Rate(number=2, value="down"), "rate 2 down"),
        ("rate 2 5", Rate(number=2, value="5"), "rate 2 5"),
        ("rate 2 NONE", Rate(number=2, value="none"), "rate 2 none"),
        ("favourite 4", Favourite(number=4), "favourite 4"),
        ("star 4", Favourite(number=4), "favourite 4"),
        ("unfavorite 4", Favourite(number=4, on=False), "unfavourite 4"),
        ("approve", Approve(), "approve"),
        ("approve 2", Approve(number=2), "approve 2"),
        ("reject", Reject(), "reject"),
        ("reject 2", Reject(number=2), "reject 2"),
        ("reject 2 bad hands", Reject(number=2, reason="bad hands"), "reject 2 bad hands"),
        ("reject too dark", Reject(reason="too dark"), "reject too dark"),
        (r"reject \2 hands", Reject(reason="2 hands"), r"reject \2 hands"),
        ("withdraw 1", Withdraw(number=1), "withdraw 1"),
        ("restore 8", Restore(number=8), "restore 8"),
        ("baseline", SetBaseline(), "baseline"),
        ("baseline r2", SetBaseline(run="r2"), "baseline --in r2"),
        ("compare", Compare(), "compare"),
        ("compare r2", Compare(other="r2"), "compare r2"),
        ("compare r1 --in r3", Compare(other="r1", run="r3"), "compare r1 --in r3"),
        ("compare r3 r1", Compare(other="r1", run="r3"), "compare r1 --in r3"),
        ("cancel", Cancel(), "cancel"),
        ("retry --in r2", Retry(run="r2"), "retry --in r2"),
        ("details", Details(), "details"),
        ("export", Export(), "export"),
        ("export --all --in r2", Export(everything=True, run="r2"), "export --all --in r2"),
        ("help", Help(), "help"),
        ("help Pick", Help(topic="pick"), "help pick"),
        ("help --aspect", Help(topic="--ar"), "help --ar"),
        ("help seed", Help(topic="seed"), "help seed"),
        (
            "imagine a cat",
            Imagine(segments=Segments(subject=Segment(text="a cat"))),
            "imagine a cat",
        ),
    ],
)
def test_every_verb_is_read_and_rendered(
    line: str, command: Command, canonical: str | None
) -> None:
    assert said(line) == command
    assert said(render(command)) == command
    assert canonical in (None, render(command))


@pytest.mark.parametrize(
    ("line", "flag", "allowed", "nearest"),
    [
        ("pick 9", "pick", "1 to 8", "8"),
        ("pick 0", "pick", "1 to 8", "1"),
        ("pick", "pick", "1 to 8", ""),
        ("pick two", "pick", "1 to 8", ""),
        ("pick 2 please", "pick", "too much", ""),
        ("pick 2 --count 2", "--count", "does not go with pick", ""),
        ("pick 2 --all", "--all", "does not go with pick", ""),
        ("rate 2 dwon", "rate", "up, down, 1 to 5, or none", "down"),
        ("rate 2", "rate", "up, down", ""),
        ("reroll please", "reroll", "too much", ""),
        ("branch 2 more cinematic", "edit", "names its segment", ""),
        ("branch more", "branch", "1 to 8", ""),
        ("edit brighter", "edit", "names its segment", ""),
        ("style: more", "style:", "say the new text", ""),
        ("style:", "style:", "say the new text", ""),
        ("style: a\nthanks!", "thanks!", "each line is an edit", ""),
        ("compare r0", "compare", "r2", ""),
        ("compare r1 r2 --in r3", "compare", "too much", ""),
        ("baseline r1 --in r3", "baseline", "too much", ""),
        ("pick 2 --in 3", "--in", "r2", "r3"),
        ("seed abc", "--seed", "keep or random", ""),
        ("seed", "--seed", "needs a value", ""),
        ("help pikc", "help", "no such topic", "pick"),
        ("pikc 2", "pikc", "no verb", "pick"),
        ("describe 2", "describe", "not built yet", ""),
        ("extend 2", "extend", "needs a side and how far: extend 2 --left 256", ""),
        ("settings", "settings", "not built yet", ""),
        ("reject 2 a :: b", "reject", "takes no ::", ""),
        ("approve 2 style=x", "approve", "takes no ::", ""),
        ("", "line", "no verb", ""),
    ],
)
def test_a_wrong_line_says_what_would_be_right(
    line: str, flag: str, allowed: str, nearest: str
) -> None:
    (found,) = fault(line).faults
    assert (found.flag, found.nearest) == (flag, nearest)
    assert allowed in found.allowed


def test_what_is_no_command_is_told_what_can_be_said_here() -> None:
    hint = fault("looks great, thanks").hint
    assert "style: more cinematic" in hint
    assert "`help`" in hint


@pytest.mark.parametrize(
    "line",
    [
        "style: more cinematic",
        "negative: + extra fingers",
        "style=noir",
        "--count 2",
        "branch 2",
        "branch 2 --strength 0.55",
        "pick 3",
        "seed 123",
        "compare",
        "details",
        "help",
        "export --all",
        "approve 2",
        "reject 2 bad hands",
        "baseline r2",
        "star 4",
        "/imagine a cat",
        "edit style: noir",
    ],
)
def test_a_line_that_parses_as_a_whole_acts_without_a_mention(line: str) -> None:
    assert is_addressed(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "looks great",
        "again",
        "again --count 2",
        "reroll",
        "reroll --in r2",
        "cancel r2",
        "retry",
        "edit",
        "pick",
        "approve",
        "reject",
        "reject that one please",
        "baseline",
        "imagine that",
        "imagine a cat",
        "compare notes with Ann",
        "pick 2 or 3?",
        "pick 9",
        "branch 2 would be nice",
        "help me",
        "style: nice\nthanks!",
        "describe 2",
        "style: {a, b",
        "x" * 200_000,
    ],
)
def test_all_else_is_chatter(line: str) -> None:
    assert not is_addressed(line)


def test_a_buttons_line_is_short_and_ascii() -> None:
    assert button_line(Pick(number=2, run=ULID)) == f"pick 2 --in {ULID}"
    edit = SegmentEdit(segment="style", action="replace", text="é")
    with pytest.raises(ValueError, match="90 ASCII"):
        button_line(Edit(edits=(edit,)))
    with pytest.raises(ValueError, match="90 ASCII"):
        button_line(Reject(number=1, reason="x" * 90))


def test_the_table_of_verbs_holds_every_kind_of_command_and_no_name_twice() -> None:
    union = get_args(get_args(Command)[0])
    kinds = {one for kind in union for one in get_args(kind.model_fields["kind"].annotation)}
    names = [name for verb in VERBS for name in (verb.name, *verb.aliases)]
    assert kinds - {"permuted"} <= set(names), "a line with groups begins with its verb"
    assert len(names) == len(set(names))


@pytest.mark.parametrize("verb", [v for v in VERBS if not v.built], ids=lambda verb: verb.name)
def test_a_verb_whose_part_comes_later_is_refused_by_name(verb: Verb) -> None:
    (found,) = fault(f"{verb.name} --in r1").faults
    assert found.flag == verb.name
    assert "not built yet" in found.allowed


@pytest.mark.parametrize("topic", ["", *TOPICS])
def test_there_is_help_on_every_topic(topic: str) -> None:
    assert help_text(topic)
    assert "There is no help" not in help_text(topic)


def test_help_is_made_from_the_tables() -> None:
    whole = help_text()
    assert all(verb.name in whole for verb in VERBS)
    assert "--ar, --aspect W:H" in whole
    assert "1 to 8" in help_text("--count")
    assert "not built yet" in help_text("describe")
    assert "There is no help on 'xyz'" in help_text("xyz")


@pytest.mark.parametrize(
    "line",
    [
        "review --by close",
        "review --by disagree --mine",
        "assign @Ana_Lee 2",
        "assign me 2 --in r2",
        "assign slack:T1:U2 r2",
        "unassign r2",
        "unassign 2",
        "digest",
        "digest here 9:05",
        "digest off",
    ],
)
def test_lines_of_the_review_desk_are_verbs_in_channel_and_thread(line: str) -> None:
    said = parse(line, at="channel")
    assert said.kind == line.split(maxsplit=1)[0]
    assert parse(line, at="thread") == said


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("assign", "needs whom"),
        ("assign Ben 2", "needs whom"),
        ("assign me 2 3", "is too much"),
        ("assign me 9", "1 to 8"),
        ("digest here", "needs a time of day"),
        ("digest here 25:00", "needs a time of day"),
        ("digest of", "off"),
        ("review --by size", "close"),
        ("pick 2 --mine", "does not go with pick"),
    ],
)
def test_what_is_wrong_with_such_a_line_is_said(line: str, named: str) -> None:
    with pytest.raises(CommandError, match=named):
        parse(line, at="thread")
