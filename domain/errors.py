"""Everything that can go wrong, by what the reader does next.

HandlerError(message, hint)          message for the log, hint for the chat: what to do now
├── CommandError(faults)             your input: all faults at once, nothing to retype
├── RouteError                       no model can do it; the hint names one that would
├── PictureError                     these bytes are no picture that we open
├── NotFoundError                    the run, artwork or file is not there
├── ForbiddenError                   this person may not do that
├── ConflictError                    too late or twice: the state does not allow it any more
│   └── WhichError(verb, numbers)    several images could be meant: ask which
├── LimitError                       a queue or a budget is full
├── ConfirmError                     costs more than may be spent unasked: say yes
├── SettingsError                    the configuration cannot be used as it is
├── ServiceError                     the service cannot be started, or does not answer
├── StorageError                     database or disk: full, locked, read-only, newer, damaged
├── SurfaceError                     a chat platform did not take a message
│   ├── SurfaceGoneError             it never will: the message or channel is gone, or forbidden
│   └── SurfaceDownError(retry_after_s)   not now: down, too slow or too often
└── ProviderError(model, request_id)
    ├── NotConfiguredError           no key, no package
    ├── RateLimitedError(retry_after_s)   not now; nothing was billed
    ├── RejectedError                refused by policy or as invalid; never retried
    ├── UnavailableError             down or too slow; retried only if surely not billed
    └── BadReplyError                the answer is not what the vendor promises
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a line, with what would be right."""

    flag: str
    """The flag, verb or segment at fault, as people type it: ``--steps``."""
    value: str
    allowed: str = ""
    """The allowed range or values in words: ``1 to 50``."""
    nearest: str = ""
    """The nearest match, ready to type; empty if nothing comes near."""

    def __str__(self) -> str:
        """Say it in one line."""
        said = f"{self.flag} {self.value!r}" if self.value else self.flag
        allowed = f": {self.allowed}" if self.allowed else ""
        return f"{said}{allowed}" + (f" (nearest: {self.nearest})" if self.nearest else "")


class HandlerError(Exception):
    """Something went wrong and we know what; the base of all our errors."""

    kind = "error"
    """One word for ``--json`` and the HTTP interface."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class CommandError(HandlerError):
    """The line cannot be understood or holds values out of range: all faults at once."""

    kind = "command"

    def __init__(self, message: str, *, faults: tuple[Fault, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.faults = faults


class RouteError(HandlerError):
    """No model that is on can do what was asked."""

    kind = "route"


class PictureError(HandlerError):
    """These bytes are not a picture that we are willing to open."""

    kind = "picture"


class NotFoundError(HandlerError):
    """The thing that was named does not exist here."""

    kind = "not_found"


class ForbiddenError(HandlerError):
    """This person may not do that, by what is stored now."""

    kind = "forbidden"


class ConflictError(HandlerError):
    """The state of the thing does not allow it (any more)."""

    kind = "conflict"


class WhichError(ConflictError):
    """Several images could be meant, and none was named."""

    kind = "which"

    def __init__(self, verb: str, run_id: str, numbers: tuple[int, ...]) -> None:
        named = ", ".join(map(str, numbers))
        super().__init__("which one?", hint=f"Say the number: {named}.")
        self.verb = verb
        self.run_id = run_id
        self.numbers = numbers


class LimitError(HandlerError):
    """A queue or a budget is full; nothing was taken."""

    kind = "limit"


class ConfirmError(HandlerError):
    """The line costs more, or makes more, than is done without being asked to twice."""

    kind = "confirm"


class SettingsError(HandlerError):
    """The configuration cannot be used as it is."""

    kind = "settings"


class ServiceError(HandlerError):
    """The service cannot be started, or does not answer."""

    kind = "service"


class StorageError(HandlerError):
    """The database or the disk will not take it."""

    kind = "storage"


class SurfaceError(HandlerError):
    """A chat platform did not take a message."""

    kind = "surface"


class SurfaceGoneError(SurfaceError):
    """It never will: the message or the channel is gone, archived or closed to us."""

    kind = "surface_gone"


class SurfaceDownError(SurfaceError):
    """Not now: the platform is down, too slow, or asks us to wait."""

    kind = "surface_down"

    def __init__(self, message: str, *, retry_after_s: float = 0.0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class ProviderError(HandlerError):
    """A provider did not deliver; the subclasses say what follows."""

    kind = "provider"

    def __init__(
        self, message: str, *, model: str = "", request_id: str | None = None, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.model = model
        self.request_id = request_id


class NotConfiguredError(ProviderError):
    """The provider has no key, no package or no address."""

    kind = "not_configured"


class RateLimitedError(ProviderError):
    """Too many requests; nothing was billed."""

    kind = "rate_limited"

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float,
        model: str = "",
        request_id: str | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, model=model, request_id=request_id, hint=hint)
        self.retry_after_s = retry_after_s


class RejectedError(ProviderError):
    """Refused by policy, key, credit or as invalid; the same again is refused again."""

    kind = "refused"


class UnavailableError(ProviderError):
    """The vendor is down, cut off or too slow.

    ``maybe_billed`` is true when the request may have reached the vendor: a create call that ended
    so is never repeated.
    """

    kind = "down"

    def __init__(
        self,
        message: str,
        *,
        maybe_billed: bool,
        model: str = "",
        request_id: str | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, model=model, request_id=request_id, hint=hint)
        self.maybe_billed = maybe_billed


class BadReplyError(ProviderError):
    """The vendor's answer is not what it promises: broken JSON, no picture, wrong type."""

    kind = "bad_reply"
