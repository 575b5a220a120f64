"""ComfyUI's failures in our words: refused, not now, down, or an answer that is none."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx

from domain.errors import (
    BadReplyError,
    NotConfiguredError,
    ProviderError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
)
from providers.broken import TOLD_CHARS, cut, retry_after_s
from providers.comfyui.workflow import Workflow, WorkflowError

DEFAULT_RETRY_S: Final = 5.0
CHECK: Final = ": check that it runs, and COMFYUI_URL"
"""Ours: ComfyUI has no limit of its own, what stands before it may."""
SHOWN: Final = 5
"""How many of the files that are there are named."""
HINTS: Final = {
    401: "The server wants to know who asks: check COMFYUI_HEADERS.",
    402: "What hosts the server wants to be paid: look there.",
    403: "The server does not let us in: check COMFYUI_HEADERS.",
    404: "There is no ComfyUI at this address: check COMFYUI_URL.",
    413: "The picture is too large for the server: send a smaller one.",
}
FOLDERS: Final = {
    "ckpt_name": "models/checkpoints",
    "lora_name": "models/loras",
    "control_net_name": "models/controlnet",
    "vae_name": "models/vae",
    "unet_name": "models/diffusion_models",
    "clip_name": "models/text_encoders",
}
"""Where the server keeps a file, by the input that names it."""
UNKNOWN: Final = ("does not exist", "missing_node_type", "class_type")


class AnsweredError(Exception):
    """An answer with another status than 200; it never leaves this package."""

    def __init__(self, reply: httpx.Response, text: bytes) -> None:
        super().__init__(f"status {reply.status_code}")
        self.status = reply.status_code
        self.headers = reply.headers
        self.text = text
        self.body = _json(text)

    @property
    def said(self) -> str:
        """What it says, short."""
        error = self.body.get("error")
        if isinstance(error, dict):
            return f"{error.get('message', '')} {error.get('details', '')}".strip()[:TOLD_CHARS]
        return repr(self.text[:TOLD_CHARS])


@contextmanager
def told(
    *, model: str = "", job: str | None = None, workflow: Workflow | None = None
) -> Iterator[None]:
    """Turn whatever goes wrong inside into one of our errors.

    Nothing is billed by the call, and a job has an id of ours: so none is ever in doubt.
    """
    try:
        yield
    except AnsweredError as error:
        raise _answered(error, model, job, workflow) from error
    except (httpx.HTTPError, TimeoutError) as error:
        raise cut("ComfyUI", error, model=model, job=job, maybe=False, then=CHECK) from error
    except UnicodeEncodeError as error:
        hint = "The prompt holds a character that cannot be sent: type it anew."
        raise RejectedError(f"cannot be sent: {error.reason}", model=model, hint=hint) from error
    except WorkflowError as error:
        raise NotConfiguredError(
            f"the workflow: {error}"[:TOLD_CHARS],
            model=model,
            hint="The workflow and its card do not fit: docs/providers/comfyui.md lists the marks.",
        ) from error
    except (httpx.StreamError, httpx.InvalidURL, ValueError, RecursionError) as error:
        raise BadReplyError(
            f"ComfyUI's answer cannot be read: {type(error).__name__} {error}"[:TOLD_CHARS],
            model=model,
            request_id=job,
            hint="That is no answer of ComfyUI: check COMFYUI_URL.",
        ) from error


def _answered(
    error: AnsweredError, model: str, job: str | None, workflow: Workflow | None
) -> ProviderError:
    said = f"ComfyUI answered {error.status}: {error.said}"[:TOLD_CHARS]
    if error.status == httpx.codes.TOO_MANY_REQUESTS:
        return RateLimitedError(
            said,
            retry_after_s=retry_after_s([error.headers.get("retry-after")], DEFAULT_RETRY_S),
            model=model,
            request_id=job,
            hint="The server takes no more for a moment; it is tried again.",
        )
    if error.status >= httpx.codes.INTERNAL_SERVER_ERROR or error.status in (303, 408):
        hint = "The server has a fault of its own: look at its log, and try again."
        return UnavailableError(said, maybe_billed=False, model=model, request_id=job, hint=hint)
    if error.status < httpx.codes.BAD_REQUEST:
        return BadReplyError(said, model=model, request_id=job, hint="Check COMFYUI_URL.")
    if error.status == httpx.codes.BAD_REQUEST and workflow:
        what, hint = _refused(error, workflow)
        return RejectedError(what or said, model=model, request_id=job, hint=hint)
    hint = HINTS.get(error.status, "The server refused the request: look at its log.")
    return RejectedError(said, model=model, request_id=job, hint=hint)


def _refused(error: AnsweredError, workflow: Workflow) -> tuple[str, str]:
    """Return what a workflow was refused for, and what to do."""
    nodes = error.body.get("node_errors")
    faults = [
        (node, fault)
        for node, one in (nodes.items() if isinstance(nodes, dict) else ())
        if isinstance(one, dict) and isinstance(one.get("errors"), list)
        for fault in one["errors"]
        if isinstance(fault, dict)
    ]
    if not faults:
        if any(word in error.said for word in UNKNOWN):
            hint = "A custom node is missing there: install it (ComfyUI-Manager), then restart it."
            return f"ComfyUI: {error.said}", hint
        return "", "ComfyUI refused the workflow: export it anew with Export (API)."
    node, fault = faults[0]
    what = f"{workflow.title(node)}: {fault.get('message', '')}: {fault.get('details', '')}"
    return what[:TOLD_CHARS], _hint_of(fault)


def _hint_of(fault: Mapping[str, Any]) -> str:
    extra = fault.get("extra_info")
    info = extra if isinstance(extra, dict) else {}
    name, value = info.get("input_name", ""), info.get("received_value", "")
    if fault.get("type") == "value_not_in_list":
        place = FOLDERS.get(str(name))
        if place:
            return f"Put {value} into {place} of the server, or name another.{_there(info)}"
        return f"{value!r} is no {name} that the server knows.{_there(info)}"
    if fault.get("type") == "required_input_missing":
        return f"The node wants {name}: export the workflow anew from this server's version."
    return "The node does not take the value: change it, or export the workflow anew."


def _there(info: Mapping[str, Any]) -> str:
    config = info.get("input_config")
    listed = config[0] if isinstance(config, list) and config else None
    names = [str(one) for one in listed] if isinstance(listed, list) else []
    shown = ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
    return f" It has: {shown}." if names else " It has none."


def _json(text: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


# --- what becomes of a job -----------------------------------------------------------------------


def failed(message: Any, workflow: Workflow | None, model: str, job: str) -> UnavailableError:
    """Return the error of a job that broke down in one of its nodes."""
    message = message if isinstance(message, dict) else {}
    kind = str(message.get("exception_type", ""))
    said = str(message.get("exception_message", "")).strip() or kind or "no reason given"
    node = str(message.get("node_id", ""))
    where = workflow.title(node) if workflow else str(message.get("node_type", node))
    memory = "OutOfMemory" in kind or "out of memory" in said.lower()
    hint = (
        "The server's graphics memory is full: take a smaller size, or a larger GPU."
        if memory
        else "The node broke down there: the server's log says more."
    )
    return UnavailableError(
        f"{where}: {said}"[:TOLD_CHARS], maybe_billed=False, model=model, request_id=job, hint=hint
    )


def lost(model: str, job: str) -> UnavailableError:
    """Return the error of a job that the server does not know though it took it."""
    return UnavailableError(
        "ComfyUI does not know the job any more",
        maybe_billed=False,
        model=model,
        request_id=job,
        hint="The server was restarted, or somebody emptied its queue: make it again.",
    )


def empty(model: str, job: str) -> BadReplyError:
    """Return the error of a job that ended without a picture."""
    return BadReplyError(
        "the workflow ended and saved no picture",
        model=model,
        request_id=job,
        hint="Mark the node that saves the picture handler:output; a preview is none.",
    )
