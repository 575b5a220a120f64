"""Slack on 127.0.0.1: what the real slack_bolt talks to in tests."""

from tests.vendors.slack.server import SlackEmulator, Times, slack_emulator

__all__ = ["SlackEmulator", "Times", "slack_emulator"]
