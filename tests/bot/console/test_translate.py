"""Names, files and errors on their way in and out."""

import base64

import pytest

from bot.console.translate import error_record, name_of, said_of, status_of
from domain import errors
from domain.errors import CommandError, Fault, HandlerError, PictureError, ProviderError


@pytest.mark.parametrize(
    ("typed", "name"), [("  Ana \t Lee ", "Ana Lee"), ("Zoë", "Zoë"), ("👩‍💻", "👩‍💻")]
)
def test_a_name_is_taken_with_single_spaces(typed: str, name: str) -> None:
    assert name_of(typed) == name


@pytest.mark.parametrize(
    "typed", ["", "   ", "x" * 41, "a\u202eb", "a\x00b", "a\u200bb", "a\ud800"]
)
def test_a_name_that_cannot_be_seen_is_refused(typed: str) -> None:
    with pytest.raises(CommandError) as refused:
        name_of(typed)
    assert refused.value.faults[0].flag == "name"


def test_a_line_comes_with_its_files_and_a_key_of_this_surface() -> None:
    files = {"a.png": base64.b64encode(b"bytes").decode()}
    said = said_of("a fox", "Ana", key="k1", files=files, about="R", root="S", at="thread")
    assert (said.key, said.files, said.about_run) == ("console:k1", {"a.png": b"bytes"}, "R")
    assert (said.person.id, said.place.thread, said.at) == ("Ana", "S", "thread")


def test_a_file_that_is_not_base64_is_refused() -> None:
    with pytest.raises(PictureError):
        said_of("a fox", "Ana", files={"a.png": "*"})


def test_every_kind_of_error_has_a_status_of_its_own_choice() -> None:
    kinds = [one for one in vars(errors).values() if isinstance(one, type)]
    ours = [one for one in kinds if issubclass(one, HandlerError) and one is not HandlerError]
    for kind in ours:
        if not issubclass(kind, ProviderError | CommandError | errors.WhichError):
            assert status_of(kind("said")) in {403, 404, 409, 422, 429, 500, 502, 503}
    assert status_of(errors.WhichError("approve", "01", (1, 2))) == 409
    assert status_of(errors.BadReplyError("said")) == 502


def test_an_error_carries_all_its_faults() -> None:
    error = CommandError("two", faults=(Fault("--steps", "9", "1 to 4", "4"),), hint="mend it")
    assert error_record(error) == {
        "error": {
            "kind": "command",
            "message": "two",
            "hint": "mend it",
            "faults": [{"flag": "--steps", "value": "9", "allowed": "1 to 4", "nearest": "4"}],
        }
    }
