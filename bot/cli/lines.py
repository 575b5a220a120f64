"""Words of a shell become one line of the grammar; and the pictures that the line names."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from bot.grammar import FLAGS, parse
from domain.asked import Attach
from domain.command import Command, Permuted
from domain.errors import PictureError
from domain.flags import Flags
from domain.picture import MAX_FOREIGN_BYTES


def joined(words: Sequence[str]) -> str:
    """Put the words of a shell together: what followed a flag as one word is quoted again."""
    said: list[str] = []
    valued = False
    for word in words:
        said.append(_quoted(word) if valued and _needs_quotes(word) else word)
        valued = word.startswith("--") and " " not in word and _takes_value(word)
    return " ".join(said)


def _takes_value(word: str) -> bool:
    return word not in {flag.name for flag in FLAGS if not flag.value}


def _needs_quotes(word: str) -> bool:
    if word.startswith("{") and word.endswith("}"):
        return False  # a group of values: quotes would make a text of it
    return not word or any(sign.isspace() or sign in '"\\' for sign in word)


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def files_of(line: str, *, at: Literal["channel", "thread"]) -> dict[str, bytes]:
    """Read the pictures that a line names, by the names it uses for them.

    Raises:
        CommandError: The line does not parse.
        PictureError: A file cannot be read or is too large.
    """
    command: Command = parse(line, at=at)
    cells = command.cells if isinstance(command, Permuted) else (command,)
    known: list[Flags] = [flags for cell in cells if (flags := getattr(cell, "flags", None))]
    names = [name for flags in known for _, name in flags.images]
    names += command.pictures if isinstance(command, Attach) else ()
    return {name: _read(name) for name in names if not name.startswith("sha256:")}


def _read(name: str) -> bytes:
    path = Path(name).expanduser()
    try:
        if path.stat().st_size > MAX_FOREIGN_BYTES:
            megabytes = MAX_FOREIGN_BYTES // 2**20
            raise PictureError(
                f"{name} has {path.stat().st_size} bytes", hint=f"At most {megabytes} MB."
            )
        return path.read_bytes()
    except OSError as error:
        raise PictureError(
            f"cannot read {name}: {error.strerror}", hint="Check the path."
        ) from error
