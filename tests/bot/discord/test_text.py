"""Discord's markup read as it was typed, and people's words written so that nothing happens."""

import pytest

from bot.discord.render import inert
from bot.discord.text import Names, readable

NAMES = Names({"1": "Ana", "9": "handler"}, {"7": "Leads", "8": "handler"}, {"5": "art"})
ME = frozenset({"9", "role:8"})
SAMPLES = [
    ("a red teapot", "a red teapot"),
    ("<@9> branch 2", "branch 2"),
    ("<@!9>  branch 2", "branch 2"),
    ("<@&8> branch 2", "branch 2"),
    ("approvers add <@1>", "approvers add @Ana"),
    ("approvers add <@!1> <@&7>", "approvers add @Ana @Leads"),
    ("approvers add <@2>", "approvers add @2"),
    ("like in <#5> and <#6>", "like in #art and #6"),
    ("a <:fox:123> and a <a:wave:456>", "a :fox: and a :wave:"),
    ("</imagine:77> a fox", "/imagine a fox"),
    ("see <https://x.example/a?b=1>", "see https://x.example/a?b=1"),
    ("a sign that says \u201cOPEN\u201d", 'a sign that says "OPEN"'),
    ("a\u00a0fox\u200b in\u202fsnow", "a fox in snow"),
    ("`a fox --count 2`", "a fox --count 2"),
    ("```\na fox\n```", "a fox"),
    ("a fox > a cat < a dog", "a fox > a cat < a dog"),
    ("@everyone @here", "@everyone @here"),
]


@pytest.mark.parametrize(("given", "wanted"), SAMPLES)
def test_markup_is_read_as_it_was_typed(given: str, wanted: str) -> None:
    assert readable(given, NAMES, me=ME).text == wanted


def test_who_is_named_is_known() -> None:
    typed = readable("<@1> <@&7> <@9> <@3>", NAMES, me=ME)
    assert typed.mentions == {"@Ana": "1", "@Leads": "role:7", "@3": "3"}


def test_two_of_one_name_are_told_apart() -> None:
    names = Names({"1": "Ana", "2": "Ana"}, {}, {})
    typed = readable("<@1> and <@2>", names, me=ME)
    assert typed.text == "@Ana and @Ana~2"
    assert typed.mentions == {"@Ana": "1", "@Ana~2": "2"}


HOSTILE = [
    "**bold** _it_ ~~gone~~ ||hidden|| `code`",
    "@everyone @here <@1> <@&7> <#5> <:fox:1> </imagine:1> <t:0:R>",
    "[click](https://evil.example)",
    "https://evil.example/a_b_c",
    "# huge\n> quoted\n- listed",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_persons_words_means_anything(text: str) -> None:
    said = inert(text)
    assert "://" not in said, "no link to follow"
    assert "@everyone" not in said
    assert "@here" not in said
    for sign in "*_~|`<":
        at = [place for place, one in enumerate(said) if one == sign]
        assert all(said[place - 1] == "\\" for place in at), (sign, said)
    assert not any(line.startswith(("#", ">", "-")) for line in said.splitlines())


def test_what_is_inert_reads_the_same() -> None:
    said = inert("a fox_in *snow*, see https://x.example")
    assert said.replace("\\", "") == "a fox_in *snow*, see https://x.example"
