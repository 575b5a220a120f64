"""The app's manifest: what Slack must know of us, as docs/slack.md has people paste it.

Fields: docs.slack.dev/reference/app-manifest, read 2026-11.
"""

from typing import Any, Final, Literal

SCOPES: Final = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "reactions:read",
    "reactions:write",
    "usergroups:read",
    "users:read",
)
EVENTS: Final = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "message.channels",
    "message.groups",
    "message.im",
    "reaction_added",
    "reaction_removed",
    "tokens_revoked",
)
PATH: Final = "/slack/events"
SHORTCUTS: Final = (
    ("Branch from this image", "message", "branch", "Start a new variation from this image's seed"),
    ("Set as baseline", "message", "baseline", "Make this run the style baseline of its thread"),
    ("New image", "global", "new", "Open the prompt form"),
)


def manifest(command: str, mode: Literal["socket", "http"], public_url: str = "") -> dict[str, Any]:
    """Return the manifest.

    Args:
        command: The slash command, with its slash.
        mode: ``socket``: nothing of ours is reachable from outside. ``http``: Slack calls us.
        public_url: Where Slack reaches us in ``http`` mode: ``https://…``.
    """
    url = {} if mode == "socket" else {"url": f"{public_url.rstrip('/')}{PATH}"}
    request_url = {} if mode == "socket" else {"request_url": url["url"]}
    slash = {
        "command": command,
        "description": "Make images together",
        "usage_hint": "<prompt> [--ar 4:5] [--seed 42] | queue | status | review | help",
        "should_escape": True,  # people who are named come as ids, which a name is not
    }
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "AI Handler",
            "description": "Concept art generation, review and approval",
            "background_color": "#2b2d42",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "atelier", "always_online": True},
            "shortcuts": [
                {"name": name, "type": kind, "callback_id": callback, "description": said}
                for name, kind, callback, said in SHORTCUTS
            ],
            "slash_commands": [slash | url],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": request_url | {"bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True} | request_url,
            "org_deploy_enabled": False,
            "socket_mode_enabled": mode == "socket",
            "token_rotation_enabled": False,
        },
    }
