"""``slack-manifest``: what is pasted into Slack to make the app."""

from bot.cli.common import JSON, guarded, settings_here
from bot.cli.output import print_json
from domain.errors import SettingsError


def slack_manifest(*, as_json: JSON = False) -> None:
    """Print the manifest of the Slack app, as the settings want it: docs/slack.md."""
    with guarded(as_json=as_json):
        from bot.slack.manifest import manifest

        settings = settings_here()
        slack = settings.slack
        if slack.mode == "http" and not settings.public_url:
            raise SettingsError(
                "slack.mode is 'http', and AI_HANDLER_PUBLIC_URL is not set",
                hint="Slack must be told where it reaches this machine: https://…",
            )
        print_json(manifest(slack.command, slack.mode, settings.public_url))
