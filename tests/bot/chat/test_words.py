"""What a card says, and what people are told."""

from bot.answers import Answer
from bot.chat.forms import edit_form, filled_line, imagine_form, reject_form
from bot.chat.telling import MAX_PANEL_CHARS, panels_of, refusal_text, which_panel, yes_button
from bot.chat.words import MAX_PROMPT_CHARS, plain, words_of
from bot.grammar import parse
from config.settings import reject_reasons
from domain.card import Panel
from domain.command import Edit, Imagine, Reject
from domain.errors import CommandError, ConflictError, Fault, WhichError
from pipeline.around import Around
from pipeline.present import present
from tests.pipeline.given import planned

RUN = planned("imagine a red fox :: in the snow ::2 85mm --count 2 --seed 7")
CARD = present(RUN.model_copy(update={"id": "01M83SA5W6W3SW8DGH8ZR5SBZE"}), Around(card=None))


def test_a_card_says_who_asked_for_what_and_how_far_it_is() -> None:
    said = words_of(CARD)
    assert "".join(piece.text for piece in said.head).startswith("r1 · ")
    lines = ["".join(piece.text for piece in line) for line in said.prompt]
    assert lines == ["subject a red fox", "environment ×2 in the snow", "technical 85mm"]
    assert said.status == "Waiting to start"
    assert "a red fox" in plain(CARD)


def test_a_long_prompt_is_cut_and_says_so() -> None:
    long = planned(f"imagine {'fox ' * 900}:: snow")
    said = words_of(present(long, Around(card=None)))
    text = "".join(piece.text for line in said.prompt for piece in line)
    assert len(text) < MAX_PROMPT_CHARS + 20
    assert text.endswith("…")


def test_what_was_taken_down_says_only_that() -> None:
    said = words_of(CARD.model_copy(update={"taken_down": "Ana"}))
    assert said.status.startswith("Taken down by Ana")
    assert (said.prompt, said.facts, said.notes) == ((), "", ())
    assert "fox" not in plain(CARD.model_copy(update={"taken_down": "Ana"}))


def test_all_faults_are_told_at_once_with_what_to_do() -> None:
    faults = (Fault("--ar", "wide", "W:H", "16:9"), Fault("--steps", "900", "1 to 150"))
    text = refusal_text(CommandError("two", faults=faults, hint="Nothing was made."))
    assert "2 things are wrong" in text
    assert "--ar 'wide': W:H (nearest: 16:9)" in text
    assert text.endswith("Nothing was made.")
    assert refusal_text(ConflictError("too late", hint="Wait.")) == "Too late.\nWait."


def test_which_one_is_asked_with_a_button_for_each() -> None:
    panel = which_panel(WhichError("approve", RUN.id or "01M83SA5W6W3SW8DGH8ZR5SBZE", (1, 3)))
    assert panel.text == "Which one do you approve?"
    assert [one.label for one in panel.buttons] == ["Approve 1", "Approve 3"]
    assert which_panel(WhichError("reject", "01M83SA5W6W3SW8DGH8ZR5SBZE", (2,))).buttons[0].form


def test_a_yes_is_offered_only_where_a_button_can_hold_it() -> None:
    assert yes_button("slack:t:1.2.abc")[0].line == "yes slack:t:1.2.abc"
    assert yes_button("x" * 90) == ()


def test_long_answers_come_in_parts_and_the_buttons_with_the_last() -> None:
    text = "\n".join(f"line {number} {'x' * 90}" for number in range(60))
    button = yes_button("k")
    parts = panels_of(Answer(panels=(Panel(text=text, buttons=button),)))
    assert len(parts) > 1
    assert all(len(part.text) <= MAX_PANEL_CHARS for part in parts)
    assert "\n".join(part.text for part in parts) == text
    assert [part.buttons for part in parts[:-1]] == [()] * (len(parts) - 1)
    assert parts[-1].buttons == button
    assert panels_of(Answer()) == []


def test_the_forms_hold_what_stands_and_say_what_changed() -> None:
    form = edit_form(RUN)
    values = {entry.id: entry.value for entry in form.entries}
    assert (values["subject"], len(form.entries)) == ("a red fox", 5)
    line = filled_line("edit", values | {"style": "ink"}, RUN, 0)
    edit = parse(line, at="thread")
    assert isinstance(edit, Edit)
    assert [(one.segment, one.text) for one in edit.edits] == [("style", "ink")]
    form = reject_form(RUN, 2, reject_reasons())
    assert form.about.endswith("/2")
    run = RUN.model_copy(update={"id": "01M83SA5W6W3SW8DGH8ZR5SBZE"})
    line = filled_line("reject", {"reason": "crop", "more": "the ear :: --no"}, run, 2)
    rejected = parse(line, at="thread")
    assert rejected == Reject(number=2, reason="crop: the ear :: --no", run=run.id)
    form = imagine_form()
    values = {entry.id: "" for entry in form.entries} | {"subject": "a :: b", "flags": "--count 2"}
    made = parse(filled_line("imagine", values, None, 0))
    assert isinstance(made, Imagine)
    assert (made.segments.subject.text, made.flags.count) == ("a :: b", 2)
