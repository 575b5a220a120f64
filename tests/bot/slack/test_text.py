"""What Slack hands on is read as people typed it."""

import pytest

from bot.chat.clean import tidy
from bot.grammar import parse
from bot.slack.emoji import unicode_of
from bot.slack.text import people_in, readable
from domain.command import Imagine

NAMES = {"U1ANA": "Ana", "U2BEN": "Ben Lee", "U3ANA": "Ana"}
NBSP, ZERO, BOM, NARROW, IDEOGRAPHIC = "\u00a0", "\u200b", "\ufeff", "\u202f", "\u3000"
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"

SAMPLES = [
    ("a fox &amp; a hen", "a fox & a hen"),
    ("steps &lt; 30 &gt; 10", "steps < 30 > 10"),
    ("&amp;lt; stays", "&lt; stays"),
    ("<https://x.example/a.png>", "https://x.example/a.png"),
    ("<https://x.example/a?b=1&amp;c=2>", "https://x.example/a?b=1&c=2"),
    ("see <http://example.com|example.com>", "see example.com"),
    ("<mailto:ana@x.example|ana@x.example>", "ana@x.example"),
    ("<mailto:ana@x.example>", "ana@x.example"),
    ("<tel:+4930123|030 123>", "030 123"),
    ("in <#C1ART|art>", "in #art"),
    ("in <#C1ART>", "in #C1ART"),
    ("<@U1ANA> likes it", "@Ana likes it"),
    ("<@U1ANA|ana> likes it", "@Ana likes it"),
    ("<@U9WHO> likes it", "@U9WHO likes it"),
    ("<@U9WHO|who> likes it", "@who likes it"),
    ("<@U0BOT> a fox", "a fox"),
    ("hey <@U0BOT|atelier>: a fox", "hey : a fox"),
    ("<!here> look", "@here look"),
    ("<!channel|@channel> look", "@channel look"),
    ("<!everyone>", "@everyone"),
    ("<!subteam^S9|@leads> decide", "@leads decide"),
    ("<!subteam^S9>", "@S9"),
    ("<!date^1392734382^{date}|18 Feb>", "18 Feb"),
    ("a &lt;b&gt; is no token", "a <b> is no token"),
    ("“Open” on a sign", '"Open" on a sign'),
    ("„Offen“ on a sign", '"Offen" on a sign'),
    ("a 6” nail", "a 6” nail"),
    ("“one” and “two”", '"one" and "two"'),
    ("it’s a ‘fox’", "it’s a ‘fox’"),
    (f"a{NBSP}red{NARROW}fox{IDEOGRAPHIC}here", "a red fox here"),
    (f"{BOM}a{ZERO} fox", "a fox"),
    (PERSIAN, PERSIAN),
    ("`style: more cinematic`", "style: more cinematic"),
    ("```style: more cinematic```", "style: more cinematic"),
    ("```text\na fox\n```", "a fox"),
    ("``a `b` c``", "``a `b` c``"),
    ("a `fox` here", "a `fox` here"),
    ("  a fox \n", "a fox"),
    ("a fox\n--ar 4:5", "a fox\n--ar 4:5"),
]


@pytest.mark.parametrize(("sent", "typed"), SAMPLES)
def test_a_text_is_read_as_it_was_typed(sent: str, typed: str) -> None:
    assert readable(sent, NAMES, "U0BOT").text == typed


def test_who_is_named_is_known_by_id_also_where_two_share_a_name() -> None:
    said = readable("approvers add <@U1ANA> <@U3ANA> <!subteam^S9|@leads>", NAMES, "U0BOT")
    assert said.mentions == {"@Ana": "U1ANA", "@Ana~U3ANA": "U3ANA", "@leads": "group:S9"}
    assert said.text == "approvers add @Ana @Ana~U3ANA @leads"


def test_only_tokens_of_slack_name_people() -> None:
    assert people_in("<@U1ANA> &lt;@U2BEN&gt; @U3 <@W4X|x>") == {"U1ANA", "W4X"}


def test_lettering_between_curly_quotes_is_lettering() -> None:
    line = tidy("a sign that says “OPEN” --count 1")
    command = parse(f"imagine {line}", at="channel")
    assert isinstance(command, Imagine)
    assert '"OPEN"' in command.segments.subject.text


@pytest.mark.parametrize(
    ("name", "emoji"),
    [
        ("one", "1\u20e3"),
        ("eight", "8\u20e3"),
        ("thumbsup::skin-tone-4", "👍"),
        ("+1::skin-tone-2", "👍"),
        ("-1", "👎"),
        ("white_check_mark", "✅"),
        ("no_entry_sign", "🚫"),
        ("x", "❌"),
        ("party_parrot", None),
        ("nine", None),
    ],
)
def test_a_reactions_name_is_an_emoji_or_nothing(name: str, emoji: str | None) -> None:
    assert unicode_of(name) == emoji
