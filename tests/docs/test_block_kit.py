"""Pictures of Slack show all that the bot sends; nothing that people wrote is alive in them."""

import re
from typing import Any, Final

import pytest

from bot.chat.forms import edit_form, imagine_form, reject_form
from bot.chat.heard import Spot
from bot.chat.tools import Home
from bot.slack.blocks import card_blocks, note_blocks, panel_blocks
from bot.slack.forms import modal
from bot.slack.home import home_blocks
from config.settings import reject_reasons
from domain.card import Button, Card, Panel
from pipeline.around import Around
from pipeline.present import present
from tests.pipeline.given import CARDS, finished, planned
from tests.vendors.pictures import draw
from tools.block_kit import Posted, Reaction, Slack

HOSTILE: Final = "<img src=x onerror=alert(1)> \"'>&{{ 7 * 7 }}</style>"
FILE: Final = "F0000001"
ICON: Final = "data:image/svg+xml;base64,PHN2Zy8+"
PLACE: Final = Posted("studio", "15:04", (Reaction("2\ufe0f\u20e3", 3, mine=True),), 2, "15:05")
SPOT: Final = Spot("slack", "T1", "C1", None)
RUN: Final = finished(planned())


@pytest.fixture
def slack() -> Slack:
    return Slack("atelier", ICON, {FILE: draw("a fox", 32, 32, "png")}, {"U0ANA": "Ana"})


def card() -> Card:
    return present(RUN, Around(card=CARDS[RUN.route.model]))


def texts(shown: Any) -> list[str]:
    """Return every text that a reader of blocks or of a view sees."""
    if isinstance(shown, list):
        return [text for one in shown for text in texts(one)]
    if not isinstance(shown, dict):
        return []
    hidden = ("confirm", "options", "private_metadata")
    own = [shown[key] for key in ("text", "initial_value") if isinstance(shown.get(key), str)]
    return own + [text for key, one in shown.items() if key not in hidden for text in texts(one)]


def readable(page: str) -> str:
    body = page[page.index("</style>") :]
    assert not re.search(r"(?:src|href)=\"(?!data:image/)", body)
    return re.sub(r"<[^>]*>", "", body)


def test_all_words_of_a_card_stand_on_its_page_and_its_picture_is_in_it(slack: Slack) -> None:
    blocks = card_blocks(card(), FILE)
    page = slack.message(blocks, PLACE)
    assert {one["type"] for one in blocks} == {"rich_text", "image", "context", "actions"}
    for text in texts(blocks):
        assert text.strip() in readable(page), text
    for words in ("# studio", "atelier", "APP", "15:04", "2 replies", "Last reply today at 15:05"):
        assert words in readable(page)
    assert page.count('src="data:image/png;base64,') == 1
    assert '<span class="reaction mine"><i>2\ufe0f\u20e3</i>3</span>' in page


def test_a_pressed_button_is_filled(slack: Slack) -> None:
    pressed = Button(label="Pick 1", line="pick 1", number=1, group="pick", pressed=True)
    page = slack.message(panel_blocks(Panel(text="Here", buttons=(pressed,)), None), PLACE)
    assert '<button class="primary">Pick 1</button>' in page


def test_a_line_of_a_thread_calls_someone_and_links_the_original(slack: Slack) -> None:
    blocks = note_blocks(
        "ready", FILE, alt="a fox", buttons=(), mention="U0ANA", link="https://x.example/r1"
    )
    page = readable(slack.message(blocks, PLACE))
    assert "@Ana ready" in " ".join(page.split())
    assert "https://x.example/r1" in page


def test_many_buttons_are_a_menu(slack: Slack) -> None:
    many = [Button(label=f"Pick {n}", line=f"pick {n}", number=n, group="pick") for n in range(8)]
    page = slack.message(panel_blocks(Panel(text="Here", buttons=tuple(many)), None), PLACE)
    assert "Pick an image…" in readable(page)


@pytest.mark.parametrize(
    ("form", "where"),
    [
        (edit_form(RUN), False),
        (imagine_form(), True),
        (reject_form(RUN, 1, reject_reasons()), False),
    ],
    ids=["edit", "imagine", "reject"],
)
def test_a_form_shows_its_fields_its_hints_and_its_two_buttons(
    slack: Slack, form: Any, *, where: bool
) -> None:
    view = modal(form, SPOT, ask_where=where)
    page = readable(slack.modal(view))
    for text in texts(view):
        assert text in page, text
    assert ("Select a conversation" in page) is where


def test_the_home_tab_shows_what_waits_and_the_persons_own_runs(slack: Slack) -> None:
    waiting = Panel(text="r1 #1 · Ben", alt="a knight")
    blocks = home_blocks(Home(1, (waiting,), (card(),)), [FILE])
    kinds = {one["type"] for one in blocks}
    assert {"header", "section", "image", "divider", "context", "actions"} <= kinds
    page = slack.home({"type": "home", "blocks": blocks})
    for text in texts(blocks):
        assert text.strip() in readable(page), text
    assert 'alt="a knight"' in page


def test_the_home_tab_of_someone_new_says_so(slack: Slack) -> None:
    page = readable(slack.home({"type": "home", "blocks": home_blocks(Home(0, (), ()), [])}))
    assert "Nothing waits for a decision" in page
    assert "None yet." in page


# --- nothing that people wrote is alive ---


@pytest.mark.parametrize("kind", ["plain_text", "mrkdwn"])
def test_hostile_words_of_a_text_are_only_words(slack: Slack, kind: str) -> None:
    said = HOSTILE if kind == "plain_text" else "&lt;b&gt; *&lt;b&gt;* `&amp;amp;` \"' {{ 7 * 7 }}"
    page = slack.message([{"type": "section", "text": {"type": kind, "text": said}}], PLACE)
    body = page[page.index("</style>") + 8 :]
    assert "<img src=x" not in body
    assert "</style>" not in body
    assert "&lt;" in body
    assert "{{ 7 * 7 }}" in body


def test_hostile_words_are_only_words_wherever_the_bot_lets_people_speak(slack: Slack) -> None:
    button = Button(label=HOSTILE[:28], line="pick 1", number=1)
    panel = panel_blocks(Panel(text=HOSTILE, alt=HOSTILE, buttons=(button,)), FILE)
    note = note_blocks(HOSTILE, None, alt="", buttons=(), mention="", link="")
    run = card().model_copy(update={"by": HOSTILE, "alt": HOSTILE})
    form = modal(edit_form(RUN), SPOT, ask_where=False)
    form["blocks"][0]["element"]["initial_value"] = HOSTILE
    for page in (
        slack.message([*panel, *note, *card_blocks(run, FILE)], PLACE),
        slack.modal(form),
        Slack(HOSTILE, ICON).home({"blocks": []}),
        slack.message([], Posted(HOSTILE, HOSTILE, (Reaction(HOSTILE, 1),), 1, HOSTILE)),
    ):
        body = page[page.index("<main") :]
        assert "<img src=x" not in body
        assert "</style>" not in body
        assert "&lt;img src=x onerror=alert(1)&gt;" in body


def test_markup_is_read_in_mrkdwn_and_nowhere_else(slack: Slack) -> None:
    said = "*bold* _it_ ~no~ `x` <@U0ANA> <https://x.example/?a=1&amp;b=2|here> 2*3*4"
    blocks = [
        {"type": "section", "text": {"type": kind, "text": said}}
        for kind in ("mrkdwn", "plain_text")
    ]
    read, plain = slack.message(blocks, PLACE).split('class="block section"')[1:]
    for drawn in ("<b>bold</b>", "<i>it</i>", "<s>no</s>", "<code>x</code>", ">@Ana<", ">here<"):
        assert drawn in read
    assert "2*3*4" in read
    assert "*bold* _it_ ~no~ `x` &lt;@U0ANA&gt;" in plain


# --- what is not known is an error ---


@pytest.mark.parametrize(
    "block",
    [
        {"type": "video"},
        {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": []}]},
        {"type": "rich_text", "elements": [
            {"type": "rich_text_section", "elements": [{"type": "emoji", "name": "fox"}]}]},
        {"type": "section", "text": {"type": "markdown", "text": "x"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "<javascript:alert(1)|x>"}},
        {"type": "actions", "elements": [{"type": "datepicker"}]},
        {"type": "input", "label": {"type": "plain_text", "text": "x"}, "optional": True,
         "element": {"type": "file_input"}},
    ],
    ids=["block", "part", "piece", "text", "link", "element", "input"],
)  # fmt: skip
def test_what_has_no_drawing_ends_with_its_name(slack: Slack, block: dict[str, Any]) -> None:
    with pytest.raises(LookupError, match="no drawing for the"):
        slack.message([block], PLACE)


def test_a_picture_that_was_never_uploaded_is_an_error(slack: Slack) -> None:
    with pytest.raises(LookupError):
        slack.message(card_blocks(card(), "F0MISSING"), PLACE)
