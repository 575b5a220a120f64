"""What Slack's refusals mean for us, in one table, and what a person can do about each.

Words: the error lists of docs.slack.dev/reference/methods, read 2026-11.
"""

from collections.abc import Mapping
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from domain.errors import SurfaceDownError, SurfaceError, SurfaceGoneError

INVITE: Final = "Invite the bot into the channel: /invite @{bot}"
REINSTALL: Final = "Add the scope {needed} to the app and install it again: docs/slack.md."
GONE: Final[Mapping[str, str]] = {
    "channel_not_found": INVITE,
    "not_in_channel": INVITE,
    "user_not_in_channel": "That person is not in the channel any more.",
    "is_archived": "The channel is archived: restore it, or go on in another one.",
    "message_not_found": "The message was deleted; the record is kept in the log.",
    "thread_not_found": "The thread's first message was deleted; the record is kept in the log.",
    "cant_update_message": "The message cannot be changed any more.",
    "edit_window_closed": "The workspace forbids to edit messages after some time.",
    "cant_delete_message": "The message cannot be deleted by the bot.",
    "restricted_action": "The workspace does not let apps post in this channel.",
    "missing_scope": REINSTALL,
}
"""It will never be taken: what to do, where something can be done."""
DOWN: Final = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
    }
)
"""Not now."""
TOKEN: Final[Mapping[str, str]] = {
    "not_authed": "it is empty",
    "invalid_auth": "Slack does not know it",
    "not_allowed_token_type": "a bot's token begins with xoxb-, an app's with xapp-",
    "token_revoked": "it was revoked, or the app was uninstalled",
    "token_expired": "it has expired",
    "account_inactive": "the app was uninstalled from the workspace",
}
"""The token is no good; nothing works until it is changed."""
TOKEN_WAIT_S: Final = 60.0
DOWN_WAIT_S: Final = 5.0
SERVER_ERROR: Final = 500


class RefusedError(SurfaceGoneError):
    """Slack refuses, with its own word for why."""

    def __init__(self, message: str, *, word: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.word = word


class EarlyPictureError(RefusedError):
    """The blocks show a picture that Slack has not looked at yet, or has lost."""


def problem_of(error: BaseException, token: str = "SLACK_BOT_TOKEN") -> str:  # noqa: S107
    """Return what is wrong with the token, if that is what *error* says; else nothing."""
    word = word_of(error)
    known = TOKEN.get(word, "")
    return f"Slack refuses {token} ({word}): {known}. See docs/slack.md." if known else ""


def fault_of(error: Exception, bot: str) -> SurfaceError:
    """Return our error for one of the SDK's or the network's."""
    word = word_of(error)
    if word in TOKEN:
        return SurfaceDownError(problem_of(error), retry_after_s=TOKEN_WAIT_S)
    if not isinstance(error, SlackApiError) or _status(error) >= SERVER_ERROR or word in DOWN:
        said = word or type(error).__name__
        return SurfaceDownError(f"Slack does not take it now: {said}", retry_after_s=_wait_s(error))
    hint = GONE.get(word, "").format(bot=bot, needed=_data(error).get("needed", ""))
    kind = EarlyPictureError if _is_early(error) else RefusedError
    return kind(f"Slack refuses: {word}{_details(error)}", word=word, hint=hint)


def word_of(error: BaseException) -> str:
    """Return Slack's own word for a refusal; empty where there is none."""
    return str(_data(error).get("error") or "") if isinstance(error, SlackApiError) else ""


def _is_early(error: BaseException) -> bool:
    faults = _data(error).get("errors") or ()
    return word_of(error) == "invalid_blocks" and any("invalid slack file" in one for one in faults)


OURS: Final = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError)
"""Every exception that a call may end with."""


def _details(error: SlackApiError) -> str:
    told = _data(error)
    faults = told.get("errors") or (told.get("response_metadata") or {}).get("messages") or ()
    needed = f" {told['needed']}" if told.get("needed") else ""
    return needed + (f" ({'; '.join(map(str, faults))})" if faults else "")


def _data(error: BaseException) -> dict[str, Any]:
    response = getattr(error, "response", None)
    data = response if isinstance(response, dict) else getattr(response, "data", None)
    return data if isinstance(data, dict) else {}


def _status(error: SlackApiError) -> int:
    response = error.response
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)


def _wait_s(error: Exception) -> float:
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    after = headers.get("Retry-After", "")
    return float(after) if str(after).isdigit() else DOWN_WAIT_S
