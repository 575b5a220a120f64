"""What a flag is: one row of the table."""

from dataclasses import dataclass
from typing import Literal

FlagKind = Literal[
    "choice",
    "word",
    "integer",
    "decimal",
    "seed",
    "ratio",
    "list",
    "text",
    "run",
    "switch",
    "controls",
    "references",
    "loras",
    "models",
    "template",
    "bundle",
]
"""How a value is read. ``word`` is one word or one quoted text; ``text`` runs to the next flag."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag, as people type it and as the tables show it."""

    name: str
    value: str
    """What stands after it, in words: ``W:H``; empty for a switch."""
    allowed: str
    """The range in words: ``1 to 8``."""
    default: str
    """What holds without it, in words; empty if nothing does."""
    meaning: str
    kind: FlagKind = "word"
    field: str = ""
    """The field of ``domain.command.Flags`` that it fills; empty for ``--in`` and ``--all``."""
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    """Every value there is, where that is a short list; for completion."""
    low: float = 0.0
    high: float = 0.0
    built: bool = True
    """Whether its part of the product exists; if not, the flag is refused by name."""


def later(name: str, value: str, meaning: str, *aliases: str) -> Flag:
    """Return a flag whose part of the product does not exist yet."""
    return Flag(name, value, "", "", meaning, aliases=aliases, built=False)
