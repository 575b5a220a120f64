"""The command line without a run: exit codes, ``--json``, and what stands in the way by name."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import application
from bot.cli.errors import error_of
from bot.cli.lines import joined
from bot.cli.output import error_record, exit_code, run_code
from bot.cli.unbuilt import COMMANDS
from bot.grammar import parse
from domain import errors
from domain.command import Imagine
from domain.errors import (
    CommandError,
    ConfirmError,
    Fault,
    HandlerError,
    ProviderError,
    RateLimitedError,
    StorageError,
    UnavailableError,
    WhichError,
)
from storage.lock import DataLock, Holder
from storage.migrate import head, migrate
from tests.domain.pictures import SVG, plain


@pytest.fixture(autouse=True)
def watched_loop() -> None:
    """Leave the loop unwatched: that of one command serves nobody else, and may wait for files."""


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    monkeypatch.setenv("AI_HANDLER_DATA_DIR", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


def cli(*words: str) -> Result:
    return CliRunner().invoke(application, list(words))


def said(*words: str, code: int = 0) -> Any:
    """Run a command with ``--json`` and return the one document that it prints."""
    result = cli(*words, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def refused(*words: str, code: int) -> dict[str, Any]:
    """Return what ``--json`` prints of an error, whose shape is always the same."""
    document = said(*words, code=code)
    assert document.keys() == {"error"}
    error: dict[str, Any] = document["error"]
    assert error.keys() == {"kind", "message", "hint", "faults"}
    for fault in error["faults"]:
        assert fault.keys() == {"flag", "value", "allowed", "nearest"}
    return error


# --- exit codes ---

CODES = {
    "command": 2,
    "picture": 2,
    "route": 2,
    "settings": 2,
    "confirm": 3,
    "storage": 5,
    "provider": 4,
    "not_configured": 4,
    "rate_limited": 4,
    "refused": 4,
    "down": 4,
    "bad_reply": 4,
    "not_found": 1,
    "forbidden": 1,
    "conflict": 1,
    "which": 1,
    "limit": 1,
    "error": 1,
    "surface": 1,
    "surface_gone": 1,
    "surface_down": 1,
    "service": 5,
}
KINDS = {
    kind.kind: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, HandlerError)
}


def example(kind: type[HandlerError]) -> HandlerError:
    if issubclass(kind, RateLimitedError):
        return kind("wait", retry_after_s=1.0)
    if issubclass(kind, WhichError):
        return kind("approve", "01", (1, 2))
    if issubclass(kind, UnavailableError):
        return kind("away", maybe_billed=False)
    return kind("no")


def test_every_error_has_its_exit_code() -> None:
    assert {name: exit_code(example(kind)) for name, kind in KINDS.items()} == CODES


@pytest.mark.parametrize("name", KINDS)
def test_an_error_that_came_over_http_ends_with_the_same_code(name: str) -> None:
    before = example(KINDS[name])
    after = error_of(error_record(before)["error"])
    assert exit_code(after) == exit_code(before)
    assert (after.message, after.hint) == (before.message, before.hint)


def test_faults_come_over_http_whole() -> None:
    before = CommandError("x", faults=(Fault("--ar", "wide", "W:H", "16:9"),), hint="h")
    after = error_of(error_record(before)["error"])
    assert isinstance(after, CommandError)
    assert after.faults == before.faults


@pytest.mark.parametrize(
    ("state", "kind", "code"),
    [
        ("done", None, 0),
        ("planned", None, 0),
        ("failed", "refused", 1),
        ("failed", "down", 4),
        ("failed", "rate_limited", 4),
        ("cancelled", None, 1),
        ("unknown", "unknown", 4),
    ],
)
def test_the_end_of_a_run_is_an_exit_code(state: str, kind: str | None, code: int) -> None:
    assert run_code({"state": state, "error": {"kind": kind} if kind else None}) == code


# --- input ---


def test_faults_are_told_all_at_once_and_nothing_is_made(data: Path) -> None:
    error = refused("imagine", "a fox", "--steps", "900", "--ar", "wide", "--colour", "red", code=2)
    assert {fault["flag"] for fault in error["faults"]} == {"--steps", "--ar", "--colour"}
    assert error["kind"] == "command"
    assert not data.exists()


def test_without_json_faults_go_to_standard_error(data: Path) -> None:
    result = cli("imagine", "a fox", "--steps", "900", "--ar", "wide")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "--steps" in result.stderr
    assert "--ar" in result.stderr
    assert not data.exists()


@pytest.mark.parametrize("content", [SVG, b"", plain("GIF")], ids=["svg", "nothing", "gif"])
def test_a_picture_that_cannot_be_read_or_is_none_is_input(data: Path, content: bytes) -> None:
    missing = refused("imagine", "a fox", "--init", "none.png", code=2)
    assert "none.png" in missing["message"]
    Path("evil.png").write_bytes(content)
    assert refused("score", "evil.png", code=2)["kind"] == "picture"
    assert not data.exists()


def test_a_picture_that_is_too_large_is_refused_before_it_is_read(data: Path) -> None:
    with Path("huge.png").open("wb") as file:
        file.truncate(11 * 1024 * 1024)
    error = refused("imagine", "a fox", "--init", "huge.png", code=2)
    assert "10 MB" in error["hint"]
    assert not data.exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_not_built_is_refused_by_name(name: str) -> None:
    error = refused(name, "whatever", "--flag", code=2)
    assert f"`ai-handler {name}`" in error["message"]
    assert "not built" in error["message"]
    assert cli(name).exit_code == 2


def test_an_unknown_command_or_option_is_input() -> None:
    assert cli("fly").exit_code == 2
    assert cli("runs", "--colour").exit_code == 2


def test_a_role_that_is_not_built_is_refused(data: Path) -> None:
    result = cli("run", "--role", "worker")
    assert result.exit_code == 2
    assert "not built" in result.stderr
    assert not data.exists()


def test_every_command_and_flag_stands_in_the_help() -> None:
    result = cli("--help")
    assert result.exit_code == 0
    for name in ("run", "imagine", "say", "runs", "show", "compare", "export", "score", "models",
                 "routes", "doctor", "migrate", "backup", "restore"):  # fmt: skip
        assert re.search(rf"^\s+{name}\s", result.stdout, re.MULTILINE)


# --- settings ---


def test_a_broken_settings_file_is_named(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("team.toml").write_text("[limits]\nwaiting_per_person = 0\n", encoding="utf-8")
    monkeypatch.setenv("AI_HANDLER_CONFIG", "team.toml")
    for words in (("imagine", "a fox"), ("runs",), ("doctor",), ("models",), ("migrate",)):
        error = refused(*words, code=2)
        assert error["kind"] == "settings"
        assert "limits.waiting_per_person" in error["message"]
    assert cli("run").exit_code == 2
    assert not data.exists()


@pytest.mark.parametrize("name", ["AI_HANDLER_DATABASE_URL", "AI_HANDLER_CONSOLE_TOKEN"])
def test_a_variable_that_is_not_built_is_refused(
    data: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "x")
    assert name in refused("runs", code=2)["message"]
    assert not data.exists()


# --- reading ---


@pytest.mark.parametrize("words", [("runs",), ("show",), ("show", "r1"), ("compare",)])
def test_reading_without_a_database_says_how_to_begin(data: Path, words: tuple[str, ...]) -> None:
    error = refused(*words, code=5)
    assert "no database" in error["message"]
    assert "ai-handler imagine" in error["hint"]
    assert not data.exists()


def test_an_empty_log_is_an_empty_list(data: Path) -> None:
    data.mkdir()
    migrate(data / "handler.db")
    assert said("runs") == []
    assert said("runs", "red fox", "--limit", "3") == []
    assert cli("runs").exit_code == 0


@pytest.mark.parametrize("name", ["r1", "rubbish", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "r" * 300])
def test_a_run_that_is_not_there_is_not_found(data: Path, name: str) -> None:
    data.mkdir()
    migrate(data / "handler.db")
    assert refused("show", name, code=1)["kind"] == "not_found"


def test_an_older_database_is_migrated_and_copied_beside_on_demand(data: Path) -> None:
    data.mkdir()
    migrate(data / "handler.db", "0001")
    assert "ai-handler migrate" in refused("runs", code=5)["hint"]
    checks = {check["name"]: check for check in said("doctor", code=5)}
    assert not checks["database"]["ok"]
    done = said("migrate")
    assert (done["before"], done["after"]) == ("0001", head())
    assert Path(done["copy"]).exists()
    assert said("runs") == []
    assert said("migrate")["copy"] is None


def test_a_damaged_database_is_said_by_every_command(data: Path) -> None:
    data.mkdir()
    (data / "handler.db").write_bytes(b"no database" * 100)
    for words in (("runs",), ("migrate",), ("imagine", "a fox")):
        error = refused(*words, code=5)
        assert error["kind"] == "storage"
        assert "backup" in error["hint"]
    assert cli("doctor").exit_code == 5
    assert (data / "handler.db").read_bytes() == b"no database" * 100


# --- the lock ---


def test_what_writes_is_refused_while_another_process_holds_the_folder(data: Path) -> None:
    lock = DataLock(data).take("secret")
    try:
        for words in (("migrate",), ("imagine", "a fox"), ("say", "pick 2")):
            error = refused(*words, code=5)
            assert f"process {os.getpid()}" in error["message"]
            assert "secret" not in json.dumps(error)
        result = cli("run")
        assert result.exit_code == 5
        assert str(os.getpid()) in result.stderr
        assert f"process {os.getpid()}" in str(said("doctor"))
    finally:
        lock.release()


def test_a_service_that_does_not_answer_is_said(data: Path) -> None:
    lock = DataLock(data).take("secret")
    try:
        lock.announce(Holder(pid=os.getpid(), url="http://127.0.0.1:9", token="secret"))
        error = refused("imagine", "a fox", code=5)
        assert "did not answer" in error["message"]
    finally:
        lock.release()


@pytest.mark.parametrize("blocked", ["data", "data/deeper"])
def test_a_data_folder_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blocked: str
) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    monkeypatch.setenv("AI_HANDLER_DATA_DIR", str(tmp_path / blocked))
    for words in (("imagine", "a fox"), ("migrate",)):
        error = refused(*words, code=5)
        assert "AI_HANDLER_DATA_DIR" in error["hint"]
    assert cli("run").exit_code == 5
    assert refused("runs", code=5)["kind"] == "storage"


# --- what is on ---


def test_models_are_listed_with_why_they_are_off(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = {entry["card"]["id"]: entry for entry in said("models")}
    assert listed["sketch:storyboard"]["on"]
    assert "OPENAI_API_KEY" in listed["openai:gpt-image-2.5-flare"]["why_off"]
    assert "retired" in listed["openai:dall-e-3"]["why_off"]
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    listed = {entry["card"]["id"]: entry for entry in said("models")}
    assert listed["openai:gpt-image-2.5-flare"]["on"]
    assert "sk-secret" not in json.dumps(listed)
    assert "sketch:storyboard" in cli("models").stdout
    assert not data.exists()


def test_routes_name_models_by_task(data: Path) -> None:
    routes = said("routes")
    assert set(routes) == {"product", "brand", "ui", "character", "environment"}
    assert "flux-schnell, then openai" in cli("routes").stdout.replace("\n", "")
    assert not data.exists()


def test_doctor_on_a_fresh_machine_is_well(data: Path) -> None:
    checks = {check["name"]: check for check in said("doctor")}
    assert checks["database"]["said"] == "not made yet"
    assert checks["service"]["said"] == "not running"
    assert checks["sketch:storyboard"]["ok"]
    weights = "sketch-small: whole; valid for sketch; no aesthetic head"
    assert checks["weights"]["said"].startswith(weights)
    assert "'ai-handler[diffusers]'" in checks["diffusers:sdxl"]["said"]
    assert all(check.keys() == {"name", "ok", "said"} for check in checks.values())
    assert "data folder" in cli("doctor").stdout
    assert not data.exists()


def test_doctor_says_that_weights_are_missing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings_file = data.parent / "team.toml"
    monkeypatch.setenv("AI_HANDLER_CONFIG", str(settings_file))
    settings_file.write_text('[scoring]\nweights = "vit-b-32"\n')
    check = next(one for one in said("doctor") if one["name"] == "weights")
    assert not check["ok"]
    assert check["said"].startswith("vit-b-32: ")


@pytest.mark.usefixtures("data")
def test_what_people_type_is_no_markup_of_ours() -> None:
    assert said("imagine", "a [/red] fox [bold]", "--count", "1")["state"] == "done"
    for words in (("runs",), ("show", "r1"), ("triage",), ("ranking",), ("history", "r1")):
        result = cli(*words)
        assert result.exit_code == 0, words
    assert "[/red]" in cli("runs").stdout
    assert "'ai-handler[diffusers]'" in cli("doctor").stdout.replace("\n", "")


def test_doctor_says_when_the_data_folder_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("AI_HANDLER_DATA_DIR", str(tmp_path / "file" / "data"))
    checks = {check["name"]: check for check in said("doctor", code=5)}
    assert not checks["data folder"]["ok"]
    assert "AI_HANDLER_DATA_DIR" in checks["data folder"]["said"]


def test_score_measures_one_picture(data: Path) -> None:
    Path("fox.png").write_bytes(plain(size=(512, 512)))
    measured = said("score", "fox.png", "--brief", "a red fox")
    assert measured["verdict"] in {"pass", "review", "reject"}
    assert measured["scores"]
    assert measured["fit"] is None
    assert "know sketches only" in measured["notes"][0]
    assert cli("score", "fox.png").exit_code == 0
    assert refused("score", "none.png", code=2)["kind"] == "picture"
    assert not data.exists()


# --- words of a shell ---


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["a red fox", "--seed", "7"], "a red fox --seed 7"),
        (["a", "red", "fox"], "a red fox"),
        (["a fox", "--init", "my photo.png"], 'a fox --init "my photo.png"'),
        (["a fox", "--brief", 'say "hi"'], 'a fox --brief "say \\"hi\\""'),
        (["a fox", "--brief", ""], 'a fox --brief ""'),
        (["a fox", "--dry-run", "at dusk"], "a fox --dry-run at dusk"),
        (["a fox --ar 16:9", "two words"], "a fox --ar 16:9 two words"),
    ],
)
def test_what_a_shell_kept_together_stays_together(words: list[str], line: str) -> None:
    assert joined(words) == line


def test_a_path_with_blanks_and_backslashes_comes_through() -> None:
    command = parse("imagine " + joined(["a fox", "--init", 'C:\\my "photos"\\a b.png']))
    assert isinstance(command, Imagine)
    assert command.flags.init_image == 'C:\\my "photos"\\a b.png'


def test_a_yes_is_asked_for_with_its_own_code() -> None:
    assert exit_code(ConfirmError("x")) == 3
    assert exit_code(StorageError("x")) == 5
    assert exit_code(ProviderError("x")) == 4
