"""The line that is pasted into Midjourney, and how a prompt of its messages is known again.

Parameters: docs.midjourney.com, Parameter List, read 2026-06: flags stand last, ``--no`` takes a
list; a dash of two hyphens or an em dash begins a flag, ``::`` weighs, braces make several jobs.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from domain.model import Parameters, ReferenceUsed, Setting

MAX_IW: Final = 3.0
STYLE_WEIGHTS: Final = 1000
_FLAG_WORDS: Final = {"style": ("--sref", "--sw"), "subject": ("--oref", "--ow")}
_DASHES: Final = re.compile(r"[-–—―]{2,}|[–—―]")
_COLONS: Final = re.compile(r":{2,}")
_BRACES: Final = str.maketrans({"`": "'", "{": "(", "}": ")", "<": None, ">": None})
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_FLAGS: Final = re.compile(r"(?:^|\s)(?:--|—)\s?[A-Za-z].*", re.DOTALL)
_URL: Final = re.compile(r"<?https?://[^\s>]+>?|<PICTURE[ -]\d>")
_SEED: Final = re.compile(r"(?:--|—)seed\s+(\d{1,10})\b")
_NOT_WORDS: Final = re.compile(r"[\W_]+")


def command_of(parameters: Parameters) -> str:
    """Return the line to paste; no words of a person are a flag in it, or end a code block."""
    pictures = _Pictures()
    init = pictures.next() if parameters.init_image else ""
    words = " ".join(filter(None, (init, inert(parameters.prompt))))
    return " ".join(("/imagine prompt:", words, *_flags(parameters, pictures))).strip()


def pictures_of(parameters: Parameters) -> int:
    """Return how many addresses of pictures a person must fill in."""
    return bool(parameters.init_image) + len(parameters.references)


def inert(text: str) -> str:
    """Return a person's words so that Midjourney reads words in them, and nothing else."""
    plain = _CONTROL.sub(" ", text).translate(_BRACES)
    return " ".join(_COLONS.sub(":", _DASHES.sub("-", plain)).split())


def known_by(prompt: str) -> str:
    """Return what of a prompt stays the same when Midjourney rewrites it: its words, in small."""
    words = _FLAGS.sub("", _URL.sub(" ", prompt))
    plain = unicodedata.normalize("NFKC", words).casefold()
    return " ".join(_NOT_WORDS.sub(" ", plain).split())


def seed_in(prompt: str) -> int | None:
    """Return the seed that a prompt names, if any."""
    found = _SEED.search(prompt)
    return int(found[1]) if found else None


class _Pictures:
    """Numbers the places in which addresses of pictures stand."""

    def __init__(self) -> None:
        self._count = 0

    def next(self) -> str:
        """Return the next place."""
        self._count += 1
        return f"<PICTURE-{self._count}>"


def _flags(parameters: Parameters, pictures: _Pictures) -> list[str]:
    flags: list[str] = []
    if parameters.aspect_ratio:
        flags.append(f"--ar {parameters.aspect_ratio}")
    if parameters.seed is not None:
        flags.append(f"--seed {parameters.seed}")
    if parameters.negative_prompt and (kept_out := inert(parameters.negative_prompt)):
        flags.append(f"--no {kept_out}")
    if parameters.denoising_strength is not None:
        flags.append(f"--iw {MAX_IW * (1 - parameters.denoising_strength):.3g}")
    flags += [_reference(one, pictures) for one in parameters.references]
    return flags + _settings(parameters.settings)


def _reference(used: ReferenceUsed, pictures: _Pictures) -> str:
    name, weigh = _FLAG_WORDS[used.dimension]
    weight = "" if used.weight is None else f" {weigh} {round(used.weight * STYLE_WEIGHTS)}"
    return f"{name} {pictures.next()}{weight}"


def _settings(settings: Mapping[str, Setting]) -> list[str]:
    """Write the card's own settings; a switch that is off is not written."""
    return [
        f"--{name}" if value is True else f"--{name} {value}"
        for name, value in settings.items()
        if value is not False
    ]
