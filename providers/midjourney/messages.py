"""Reads what the Midjourney bot writes on Discord: what was made, from what, and how far it is.

It edits one message while it draws and then posts another with the picture, so that both are read
and a job is known by the id in its file's name. Formats as captured on 2026-06-02 (version 7).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

AUTHORS: Final = frozenset({936929561302675456, 1022952195194359889})
"""The user ids of Midjourney's and niji's bots."""
Verb = Literal["grid", "select", "upscale", "variation", "pan", "zoom"]
"""What was done: a grid of four from a prompt, or something with an image of one."""

_MODE: Final = r"(?P<mode>fast|relaxed|turbo)(?:,\s*stealth)?"
_PROGRESS: Final = r"(?:\s*\((?P<progress>\d{1,3})%\))?"
_WEB: Final = r"(?:\s*\[\(?[^\]]*\]\(<?(?P<web>[^)>]*)>?\)|\s*\(Open on website[^)]*\))?"
_HEAD: Final = r"^\*\*(?P<prompt>.*)\*\* - "
_USER: Final = r"<@!?(?P<user>\d+)>"
_END: Final = rf"{_PROGRESS}{_WEB}\s*\({_MODE}\)"
_PATTERNS: Final[tuple[tuple[Verb, str], ...]] = (
    ("select", rf"{_HEAD}Image #(?P<index>[1-4]) {_USER}"),
    (
        "upscale",
        rf"{_HEAD}(?P<state>Upscaled|Upscaling)(?: \((?P<kind>[^)]*)\))? by {_USER}{_END}",
    ),
    (
        "variation",
        rf"{_HEAD}(?P<state>Variations|Remix)(?: \((?P<kind>[^)]*)\))? by {_USER}{_END}",
    ),
    ("pan", rf"{_HEAD}Pan (?P<kind>Left|Right|Up|Down) by {_USER}{_END}"),
    ("zoom", rf"{_HEAD}Zoom Out by {_USER}{_END}"),
    ("grid", rf"{_HEAD}{_USER}{_END}"),
)
_FORMATS: Final = tuple((verb, re.compile(one, re.DOTALL)) for verb, one in _PATTERNS)
_WAITS: Final = re.compile(rf"{_HEAD}.*?{_USER}\s*\(Waiting to start\)", re.DOTALL)
_STATES: Final = {"Upscaling": "Upscaled"}
JOB: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_FILE: Final = re.compile(
    rf"^(?P<stem>.*?)_?(?P<job>{JOB})(?:_(?P<index>[0-3]))?\.(?P<ending>png|webp|jpe?g|gif|mp4)$"
)
_GRID_BUTTON: Final = re.compile(rf"MJ::JOB::upsample::[1-4]::{JOB}")
_PICTURES: Final = frozenset({"png", "webp", "jpg", "jpeg"})


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the bot, read."""

    verb: Verb
    words: str
    """The verb as Midjourney writes it: ``Variations (Strong)``."""
    prompt: str
    """As it was sent, with Midjourney's own parameters."""
    user: str
    """The Discord id of whoever pasted it, or pressed the button."""
    progress: float | None = None
    """How far it is, in [0, 1]; None when it does not say, as finished messages do not."""
    index: int | None = None
    """Which of the four, where it says so."""


@dataclass(frozen=True, slots=True)
class FileName:
    """What a file of Midjourney's says by its name."""

    stem: str
    """Who made it, and the first words of the prompt."""
    job: str
    is_picture: bool
    """Whether it is a still picture, by its ending."""


def read(content: str) -> Said | None:
    """Read a message's text; None if it is no such message."""
    for verb, pattern in _FORMATS:
        if found := pattern.search(content):
            return _said(verb, found.groupdict())
    if found := _WAITS.search(content):
        return Said("grid", "", found["prompt"], found["user"], progress=0.0)
    return None


def _said(verb: Verb, parts: dict[str, str | None]) -> Said:
    progress = parts.get("progress")
    return Said(
        verb=verb,
        words=_words(verb, parts),
        prompt=parts["prompt"] or "",
        user=parts["user"] or "",
        progress=None if progress is None else min(int(progress), 100) / 100,
        index=int(parts["index"] or 0) or None if "index" in parts else None,
    )


def _words(verb: Verb, parts: dict[str, str | None]) -> str:
    """Return the verb as it stands in the message, finished."""
    kind = parts.get("kind")
    match verb:
        case "grid":
            return ""
        case "select":
            return f"Image #{parts['index']}"
        case "zoom":
            return "Zoom Out"
        case "pan":
            return f"Pan {kind}"
        case _:
            state = _STATES.get(parts["state"] or "", parts["state"] or "")
            return f"{state} ({kind})" if kind else state


def read_name(address: str) -> FileName | None:
    """Read a file's name, or an address that ends with one; None if it is none of Midjourney's."""
    name = urlsplit(address).path.rpartition("/")[2]
    found = _FILE.match(name.lower())
    if found is None:
        return None
    return FileName(found["stem"], found["job"], is_picture=found["ending"] in _PICTURES)


def is_grid(said: Said, buttons: Sequence[str]) -> bool:
    """Tell whether the picture is a grid of four: by its buttons, else by what was done."""
    if any(_GRID_BUTTON.fullmatch(one) for one in buttons):
        return True
    if any(one.startswith("MJ::") for one in buttons):
        return False
    return said.verb not in {"select", "upscale"}
