"""The words with which Slack refuses, in one table with where each is documented."""

from typing import Any, Final

METHODS: Final = "docs.slack.dev/reference/methods/"
BOLT: Final = "github.com/slackapi/bolt-python/issues/"
ERRORS: Final = {
    "not_authed": METHODS + "auth.test",
    "invalid_auth": METHODS + "auth.test",
    "token_revoked": METHODS + "auth.test",
    "account_inactive": METHODS + "auth.test",
    "not_allowed_token_type": METHODS + "apps.connections.open",
    "missing_scope": METHODS + "chat.postMessage",
    "unknown_method": "docs.slack.dev/apis/web-api",
    "invalid_arguments": METHODS + "chat.postMessage",
    "ratelimited": "docs.slack.dev/apis/web-api/rate-limits",
    "internal_error": METHODS + "chat.postMessage",
    "fatal_error": METHODS + "chat.postMessage",
    "service_unavailable": METHODS + "chat.postMessage",
    "channel_not_found": METHODS + "chat.postMessage",
    "not_in_channel": METHODS + "chat.postMessage",
    "is_archived": METHODS + "chat.postMessage",
    "no_text": METHODS + "chat.postMessage",
    "msg_too_long": METHODS + "chat.postMessage",
    "invalid_blocks": METHODS + "chat.postMessage",
    "invalid_blocks_format": METHODS + "chat.postMessage",
    "invalid_metadata_format": METHODS + "chat.postMessage",
    "restricted_action": METHODS + "chat.postMessage",
    "thread_not_found": METHODS + "conversations.replies",
    "message_not_found": METHODS + "chat.update",
    "cant_update_message": METHODS + "chat.update",
    "edit_window_closed": METHODS + "chat.update",
    "cant_delete_message": METHODS + "chat.delete",
    "user_not_in_channel": METHODS + "chat.postEphemeral",
    "user_not_found": METHODS + "users.info",
    "users_not_found": METHODS + "conversations.open",
    "no_such_subteam": METHODS + "usergroups.users.list",
    "invalid_name": METHODS + "reactions.add",
    "already_reacted": METHODS + "reactions.add",
    "too_many_emoji": METHODS + "reactions.add",
    "no_reaction": METHODS + "reactions.remove",
    "invalid_trigger_id": METHODS + "views.open",
    "expired_trigger_id": METHODS + "views.open",
    "exchanged_trigger_id": METHODS + "views.open",
    "push_limit_reached": METHODS + "views.push",
    "duplicate_external_id": METHODS + "views.open",
    "view_too_large": METHODS + "views.open",
    "hash_conflict": METHODS + "views.update",
    "not_found": METHODS + "views.update",
    "file_not_found": METHODS + "files.info",
    "file_deleted": METHODS + "files.info",
    "cant_delete_file": METHODS + "files.delete",
    "used_url": "docs.slack.dev/interactivity/handling-user-interaction#message_responses",
    "expired_url": "docs.slack.dev/interactivity/handling-user-interaction#message_responses",
    "dispatch_failed": "docs.slack.dev/interactivity/implementing-slash-commands",
    "operation_timeout": "docs.slack.dev/interactivity/implementing-slash-commands",
    "not_supported_in_threads": BOLT + "873",
}
WORDS: Final = {
    "token_revoked": "token_revoked",
    "not_supported_in_threads": "{command} is not supported in threads. Sorry!",
    "dispatch_failed": "{command} failed with the error “dispatch_failed”",
    "operation_timeout": "{command} failed with the error “operation_timeout”",
}
"""What Slack itself tells the person, where the app has nothing to say."""


class RefusedError(Exception):
    """Slack's answer is no."""

    def __init__(
        self, error: str, *, status: int = 200, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        if error not in ERRORS:
            raise ValueError(f"not a word of Slack's: {error}")
        super().__init__(error)
        self.error = error
        self.status = status
        self.headers = headers or {}
        self.more = more

    def body(self) -> dict[str, Any]:
        """Return the answer as it goes out."""
        return {"ok": False, "error": self.error, **self.more}


def invalid(error: str, faults: list[str]) -> RefusedError:
    """Refuse blocks or views, as Slack does, with a pointer to each fault."""
    told = {"messages": [f"[ERROR] {fault}" for fault in faults]}
    return RefusedError(error, errors=faults, response_metadata=told)
