"""Flags: every range, alias and slip; all faults of a line at once."""

import pytest

from bot.grammar import FLAGS, Flag, parse, render
from bot.grammar.flags import FLAG_BY_NAME
from domain.command import Imagine
from domain.errors import CommandError, Fault
from domain.flags import Flags


def flags(line: str) -> Flags:
    command = parse(f"a cat {line}")
    assert isinstance(command, Imagine)
    assert command.segments.subject.text == "a cat"
    return command.flags


def faults(line: str) -> tuple[Fault, ...]:
    with pytest.raises(CommandError) as caught:
        parse(f"a cat {line}")
    return caught.value.faults


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("--task ui", Flags(task="ui")),
        ("--type Product", Flags(task="product")),
        pytest.param(
            "--model sketch:storyboard", Flags(models=("sketch:storyboard",)), id="a model"
        ),
        (
            "--model replicate:black-forest-labs/flux-dev",
            Flags(models=("replicate:black-forest-labs/flux-dev",)),
        ),
        ("--count 1", Flags(count=1)),
        ("--n 8", Flags(count=8)),
        ("--COUNT=3", Flags(count=3)),
        ("--seed 0", Flags(seed=0)),
        ("--seed 4294967295", Flags(seed=4294967295)),
        ("--seed keep", Flags(seed="keep")),
        ("--seed RANDOM", Flags(seed="random")),
        ("--seed 5 --seed 6", Flags(seed=5)),
        ("--ar 16:9", Flags(aspect_ratio="16:9")),
        ("--aspect 1920:1280", Flags(aspect_ratio="3:2")),
        ("--ar 139:100", Flags(aspect_ratio="139:100")),
        ("--steps 150", Flags(steps=150)),
        ("--cfg 7", Flags(cfg_scale=7.0)),
        ("--cfg 0", Flags(cfg_scale=0.0)),
        ("--cfg .5", Flags(cfg_scale=0.5)),
        ("--strength 0.55", Flags(denoising_strength=0.55)),
        ("--strength 1", Flags(denoising_strength=1.0)),
        ("--no t-shirt", Flags(no=("t-shirt",))),
        ("--no text, extra fingers --no hands", Flags(no=("text", "extra fingers", "hands"))),
        ('--no "a, b", c', Flags(no=("a, b", "c"))),
        (r"--no a\, b", Flags(no=("a, b",))),
        ("--neg text,,", Flags(no=("text",))),
        ("--init https://a-b.com/x.png?y=1", Flags(init_image="https://a-b.com/x.png?y=1")),
        ('--init "my photo.png"', Flags(init_image="my photo.png")),
        ("--init=a.png --mask b.png", Flags(init_image="a.png", mask="b.png")),
        ("--brief a red cat, on a mat", Flags(brief="a red cat, on a mat")),
        ('--brief "a :: b --ar 1:1 {x}"', Flags(brief="a :: b --ar 1:1 {x}")),
        ("--brief “curly :: quotes”", Flags(brief="curly :: quotes")),
        (r'--brief "a \"sign\""', Flags(brief='a "sign"')),
        ('--brief a sign "OPEN" above', Flags(brief="a sign OPEN above")),
        ("--baseline R2", Flags(baseline="r2")),
        ("--baseline 01jabcdefghjkmnpqrstvwxyz0", Flags(baseline="01JABCDEFGHJKMNPQRSTVWXYZ0")),
        ("--target web-hero", Flags(target="web-hero")),
        ("--max-cost 0.5", Flags(max_cost_usd=0.5)),
        ("--max-cost $2", Flags(max_cost_usd=2.0)),
        ("--dry-run", Flags(dry_run=True)),
        ("—ar 3:2 –count 2", Flags(aspect_ratio="3:2", count=2)),
        ("--count 2 --count 2", Flags(count=2)),
    ],
)
def test_a_flag_is_read(line: str, expected: Flags) -> None:
    assert flags(line) == expected
    assert flags(render(parse(f"a cat {line}")).removeprefix("imagine a cat ")) == expected


@pytest.mark.parametrize(
    ("line", "flag", "value", "allowed", "nearest"),
    [
        ("--count 9", "--count", "9", "1 to 8", "8"),
        ("--count 0", "--count", "0", "1 to 8", "1"),
        ("--count -3", "--count", "-3", "1 to 8", "1"),
        ("--count 2.6", "--count", "2.6", "1 to 8", "3"),
        ("--count many", "--count", "many", "1 to 8", ""),
        ("--seed 4294967296", "--seed", "4294967296", "0 to 4294967295", "4294967295"),
        ("--seed -1", "--seed", "-1", "0 to 4294967295", "0"),
        ("--seed rando", "--seed", "rando", "keep or random", "random"),
        ("--steps 151", "--steps", "151", "1 to 150", "150"),
        ("--cfg 51", "--cfg", "51", "0 to 50", "50"),
        ("--cfg nan", "--cfg", "nan", "0 to 50", ""),
        ("--cfg 1e9", "--cfg", "1e9", "0 to 50", ""),
        ("--strength 1.5", "--strength", "1.5", "0 to 1", "0.015"),
        ("--strength 55%", "--strength", "55%", "0 to 1", "0.55"),
        ("--strength 0,55", "--strength", "0,55", "0 to 1", "0.55"),
        ("--strength -1", "--strength", "-1", "0 to 1", "0"),
        ("--ar 1.39:1", "--ar", "1.39:1", "two whole numbers", "139:100"),
        ("--ar 16x9", "--ar", "16x9", "two whole numbers", "16:9"),
        ("--ar 16:9,", "--ar", "16:9,", "two whole numbers", "16:9"),
        ("--ar 0:1", "--ar", "0:1", "two whole numbers", ""),
        ("--ar wide", "--ar", "wide", "two whole numbers", ""),
        ("--task produkt", "--task", "produkt", "environment", "product"),
        ("--baseline 2", "--baseline", "2", "r2", "r2"),
        ("--baseline r0", "--baseline", "r0", "r2", ""),
        ("--max-cost -1", "--max-cost", "-1", "0 or more", "0"),
        ("--model a:b,c:d,e:f,g:h,i:j,k:l", "--model", "6 models", "at most 5", ""),
        ("--dry-run now", "--dry-run", "now", "flags stand last", ""),
        ("--count 2 dogs", "--count", "2 dogs", "flags stand last", ""),
        ('--brief "a" dog', "--brief", '"a" dog', "flags stand last", ""),
        ("--ar 3:2 :: loft", "::", "after --ar", "flags stand last", ""),
        ("--no dogs :: loft", "::", "after --no", "flags stand last", ""),
        ("--count", "--count", "", "1 to 8", ""),
        ("--no", "--no", "", "comma list", ""),
        ('--brief ""', "--brief", "", "needs a value", ""),
        ("--count 2 --count 3", "--count", "2 and 3", "given twice", ""),
        ("--cuont 2", "--cuont", "", "no such flag", "--count"),
        ("--aspekt 3:2", "--aspekt", "", "no such flag", "--aspect"),
        ("--yes", "--yes", "", "no such flag", ""),
        ("-- ar 3:2", "-- ar", "", "no space", "--ar"),
        ("— ar 3:2", "— ar", "", "no space", "--ar"),
        ("--in r1", "--in", "r1", "does not go with imagine", ""),
        ("--all", "--all", "", "does not go with imagine", ""),
        ("--w 300", "--w", "300", "never the width", ""),
        ("--seed " + "9" * 5000, "--seed", "9" * 59 + "…", "0 to 4294967295", "4294967295"),
        ("--cfg " + "9" * 5000, "--cfg", "9" * 59 + "…", "0 to 50", "50"),
    ],
)
def test_a_wrong_value_is_told_with_range_and_nearest(
    line: str, flag: str, value: str, allowed: str, nearest: str
) -> None:
    (fault,) = faults(line)
    assert (fault.flag, fault.value, fault.nearest) == (flag, value, nearest)
    assert allowed in fault.allowed


def test_all_faults_of_a_line_are_told_at_once_in_one_line() -> None:
    with pytest.raises(CommandError) as caught:
        parse("a {b} --count 9 --steps 0 --stylize 100 --foo --ar 1.5:1 :: x")
    error = caught.value
    assert [fault.flag for fault in error.faults] == [
        *("{", "::", "--count", "--steps", "--stylize", "--foo", "--ar"),
    ]
    assert all(str(fault) in error.message for fault in error.faults)
    assert "\n" not in error.message
    assert error.hint


def test_no_more_faults_are_told_than_anyone_reads() -> None:
    assert len(faults(" ".join(f"--x{number}" for number in range(5000)))) == 20


LATER = [flag for flag in FLAGS if not flag.built]


@pytest.mark.parametrize("flag", LATER, ids=lambda flag: flag.name)
def test_a_flag_whose_part_comes_later_is_refused_by_name(flag: Flag) -> None:
    for name in (flag.name, *flag.aliases):
        (fault,) = faults(f"{name} URL1::2 URL2")
        assert fault.flag == name
        assert "not built yet" in fault.allowed


def test_the_table_fills_every_field_once_and_no_name_is_taken_twice() -> None:
    fields = [flag.field for flag in FLAGS if flag.field]
    looked_up = {
        "house_use",
        "character_use",
        "template_use",
        "pieces",
    }  # put in from the libraries, said by no line
    assert sorted(fields) == sorted(Flags.model_fields.keys() - looked_up)
    names = [name for flag in FLAGS for name in (flag.name, *flag.aliases)]
    assert len(names) == len(set(names)) == len(FLAG_BY_NAME)


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_every_flag_says_what_it_means_in_one_line(flag: Flag) -> None:
    assert flag.meaning
    assert "\n" not in flag.meaning
    assert flag.name.startswith("--")
    assert flag.allowed or flag.kind == "switch" or not flag.built


def test_flags_render_in_the_order_of_the_table_and_only_where_needed_in_quotes() -> None:
    command = parse('a cat --dry-run --no "b, c", d e --brief "x y" --seed 0 --cfg 7.50 --model m')
    assert render(command) == (
        'imagine a cat --model m --seed 0 --cfg 7.5 --no "b, c", d e --brief "x y" --dry-run'
    )
