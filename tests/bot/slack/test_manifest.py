"""The manifest asks for what the adapter uses, and no more; the command line prints it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import application
from bot.slack.manifest import EVENTS, SCOPES, manifest
from tests.vendors.slack.web_api import METHODS
from tests.vendors.slack.world import EVENTS as GIVEN_EVENTS
from tests.vendors.slack.world import SCOPES as GIVEN_SCOPES


def test_the_scopes_and_events_are_those_that_the_emulated_app_has() -> None:
    assert set(SCOPES) == GIVEN_SCOPES
    assert set(EVENTS) == GIVEN_EVENTS


def test_every_method_that_is_called_has_its_scope() -> None:
    assert {one.scope for one in METHODS.values() if one.scope} <= set(SCOPES)


def test_by_socket_no_address_is_told() -> None:
    told = manifest("/imagine", "socket")
    assert told["settings"]["socket_mode_enabled"] is True
    assert "https://" not in json.dumps(told)


def test_over_http_slack_is_told_where_to_call() -> None:
    told = manifest("/paint", "http", "https://handler.example/")
    where = "https://handler.example/slack/events"
    assert told["settings"]["socket_mode_enabled"] is False
    assert told["settings"]["event_subscriptions"]["request_url"] == where
    assert told["settings"]["interactivity"]["request_url"] == where
    command = told["features"]["slash_commands"][0]
    assert (command["command"], command["url"]) == ("/paint", where)


def test_texts_fit_what_slack_takes() -> None:
    told = manifest("/imagine", "socket")
    features = told["features"]
    assert len(told["display_information"]["name"]) <= 35
    assert len(told["display_information"]["description"]) <= 140
    assert len(features["bot_user"]["display_name"]) <= 80
    assert all(len(one["name"]) <= 24 for one in features["shortcuts"])
    assert all(len(one["description"]) <= 150 for one in features["shortcuts"])
    assert len(features["slash_commands"][0]["usage_hint"]) <= 1000


def test_the_command_line_prints_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AI_HANDLER_DATA_DIR", str(tmp_path))
    printed = CliRunner().invoke(application, ["slack-manifest"])
    assert printed.exit_code == 0
    assert json.loads(printed.stdout) == manifest("/imagine", "socket")


def test_over_http_the_command_line_asks_for_the_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = tmp_path / "team.toml"
    settings.write_text('[slack]\nmode = "http"\n', encoding="utf-8")
    monkeypatch.setenv("AI_HANDLER_CONFIG", str(settings))
    refused = CliRunner().invoke(application, ["slack-manifest"])
    assert refused.exit_code == 2
    monkeypatch.setenv("AI_HANDLER_PUBLIC_URL", "https://handler.example")
    printed = CliRunner().invoke(application, ["slack-manifest"])
    assert "https://handler.example/slack/events" in printed.stdout
