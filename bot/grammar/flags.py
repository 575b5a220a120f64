"""The table of flags: completion, ``--help``, README and errors are all made from it."""

from dataclasses import dataclass
from typing import Final, Literal

from domain.draft import MAX_BRIEF_CHARS
from domain.spec import (
    CONTROL_KINDS,
    DEFAULT_COUNT,
    DEFAULT_DENOISING_STRENGTH,
    DIMENSIONS,
    MAX_COUNT,
    MAX_EXTEND_PX,
    MAX_FAMILY,
    TASKS,
)

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


def _later(name: str, value: str, meaning: str, *aliases: str) -> Flag:
    return Flag(name, value, "", "", meaning, aliases=aliases, built=False)


def _switch(name: str, meaning: str) -> Flag:
    return Flag(name, "", "", "off", meaning, kind="switch")


_STRENGTH: Final = f"{DEFAULT_DENOISING_STRENGTH:g}"
_BUILT: Final = (
    Flag(
        name="--task",
        value="TYPE",
        allowed=", ".join(TASKS[:-1]) + f" or {TASKS[-1]}",
        default="the channel's, else guessed",
        meaning="what the image is for; the model is chosen by it",
        kind="choice",
        field="task",
        aliases=("--type",),
        choices=TASKS,
    ),
    Flag(
        name="--model",
        value="PROVIDER:NAME, …",
        allowed=f"model ids as `models` lists them, at most {MAX_FAMILY}",
        default="chosen by task type",
        meaning="the model to use; several make the same images each, under one card",
        kind="models",
        field="models",
    ),
    Flag(
        name="--count",
        value="N",
        allowed=f"1 to {MAX_COUNT}",
        default=str(DEFAULT_COUNT),
        meaning="how many images",
        kind="integer",
        field="count",
        aliases=("--n",),
        low=1,
        high=MAX_COUNT,
    ),
    Flag(
        name="--seed",
        value="N|keep|random",
        allowed="0 to 4294967295, keep or random",
        default="random; keep for every child but reroll",
        meaning="where chance begins; image i uses seed + i; the first one given counts",
        kind="seed",
        field="seed",
        choices=("keep", "random"),
        low=0,
        high=2**32 - 1,
    ),
    Flag(
        name="--ar",
        value="W:H",
        allowed="two whole numbers, like 16:9",
        default="1:1",
        meaning="the shape of the image, width to height",
        kind="ratio",
        field="aspect_ratio",
        aliases=("--aspect",),
    ),
    Flag(
        name="--steps",
        value="N",
        allowed="1 to 150",
        default="the model's",
        meaning="denoising steps: more is slower and finer",
        kind="integer",
        field="steps",
        low=1,
        high=150,
    ),
    Flag(
        name="--cfg",
        value="X",
        allowed="0 to 50",
        default="the model's",
        meaning="how closely the words are followed (guidance scale)",
        kind="decimal",
        field="cfg_scale",
        low=0,
        high=50,
    ),
    Flag(
        name="--no",
        value="THING, THING",
        allowed="a comma list",
        default="",
        meaning="what to keep out; may be repeated, and adds up",
        kind="list",
        field="no",
        aliases=("--neg",),
    ),
    Flag(
        name="--init",
        value="IMAGE",
        allowed="a file, sha256:… or the name of an attachment",
        default="",
        meaning="the picture to start from",
        field="init_image",
    ),
    Flag(
        name="--mask",
        value="IMAGE",
        allowed="a file, sha256:… or the name of an attachment",
        default="",
        meaning="where to repaint the init image: white is repainted",
        field="mask",
    ),
    Flag(
        name="--strength",
        value="X",
        allowed="0 to 1",
        default=_STRENGTH,
        meaning="denoising strength: 0 keeps the init image, 1 ignores it; 0.4 to 0.65 works best",
        kind="decimal",
        field="denoising_strength",
        low=0,
        high=1,
    ),
    Flag(
        name="--control",
        value="KIND:IMAGE",
        allowed=f"KIND:IMAGE[@WEIGHT[@FROM-TO]], KIND one of {', '.join(CONTROL_KINDS)}",
        default="",
        meaning="hold the composition of a picture; KIND-map:IMAGE if it is the map already",
        kind="controls",
        field="controls",
    ),
    Flag(
        name="--ref",
        value="IMAGE:DIMENSION",
        allowed=f"IMAGE[:DIMENSION][@WEIGHT], DIMENSION one of {', '.join(DIMENSIONS)}",
        default="",
        meaning="a picture to go by, without redrawing it",
        kind="references",
        field="references",
    ),
    Flag(
        name="--lora",
        value="NAME@WEIGHT",
        allowed="NAME[@WEIGHT], weight -4 to 4, 1 is as trained",
        default="",
        meaning="adapter weights, by the name that the model's host knows",
        kind="loras",
        field="loras",
    ),
    Flag(
        name="--format",
        value="png|jpeg|webp",
        allowed="png, jpeg or webp",
        default="the model's",
        meaning="the format of the file",
        kind="choice",
        field="file_format",
        choices=("png", "jpeg", "webp"),
    ),
    Flag(
        name="--background",
        value="opaque|transparent",
        allowed="opaque or transparent",
        default="the model's",
        meaning="the background of the file",
        kind="choice",
        field="background",
        choices=("opaque", "transparent"),
    ),
    Flag(
        name="--brief",
        value="WORDS",
        allowed="what the image must show, in words",
        default="subject and environment",
        meaning="what fit is scored against",
        kind="text",
        field="brief",
    ),
    Flag(
        name="--from-brief",
        value="WORDS",
        allowed=f"a brief in your own words, at most {MAX_BRIEF_CHARS} characters",
        default="",
        meaning="write prompts from a brief first, to choose from",
        kind="text",
        field="from_brief",
    ),
    Flag(
        name="--baseline",
        value="RUN",
        allowed="a run: r2, or its long id",
        default="the first run of the thread",
        meaning="the run to compare with",
        kind="run",
        field="baseline",
    ),
    Flag(
        name="--target",
        value="NAME",
        allowed="one target, as config/targets.toml names them",
        default="",
        meaning="where the image goes: sizes and ratios it must have",
        field="target",
    ),
    Flag(
        name="--max-cost",
        value="USD",
        allowed="0 or more, in US dollars",
        default="",
        meaning="refuse the run if it is quoted above this",
        kind="decimal",
        field="max_cost_usd",
        low=0,
        high=float("inf"),
    ),
    Flag(
        name="--dry-run",
        value="",
        allowed="",
        default="off",
        meaning="show what would be sent, send nothing",
        kind="switch",
        field="dry_run",
    ),
    Flag(
        name="--left",
        value="PX",
        allowed=f"0 to {MAX_EXTEND_PX} pixels",
        default="0",
        meaning="with extend: how much is added on the left",
        kind="integer",
        low=0,
        high=MAX_EXTEND_PX,
    ),
    Flag(
        name="--right",
        value="PX",
        allowed=f"0 to {MAX_EXTEND_PX} pixels",
        default="0",
        meaning="with extend: how much is added on the right",
        kind="integer",
        low=0,
        high=MAX_EXTEND_PX,
    ),
    Flag(
        name="--up",
        value="PX",
        allowed=f"0 to {MAX_EXTEND_PX} pixels",
        default="0",
        meaning="with extend: how much is added above",
        kind="integer",
        low=0,
        high=MAX_EXTEND_PX,
    ),
    Flag(
        name="--down",
        value="PX",
        allowed=f"0 to {MAX_EXTEND_PX} pixels",
        default="0",
        meaning="with extend: how much is added below",
        kind="integer",
        low=0,
        high=MAX_EXTEND_PX,
    ),
    Flag(
        name="--all",
        value="",
        allowed="",
        default="off",
        meaning="with export: also what is not approved",
        kind="switch",
    ),
    Flag(
        name="--by",
        value="ORDER",
        allowed="close, disagree or age",
        default="age",
        meaning="with review: closest call first, widest disagreement first, or oldest first",
        kind="choice",
        choices=("close", "disagree", "age"),
    ),
    _switch("--mine", "with review: only what is assigned to you"),
    _switch("--first", "with approve and reject: only if nobody else has decided before"),
    _switch("--blind", "with pick: said by the buttons of a blind look"),
    _switch("--empty", "with digest: also when nothing waits"),
    _switch("--rest", "with cancel: only what has not begun; what is under way is finished"),
    Flag(
        name="--in",
        value="RUN",
        allowed="a run: r2, or its long id",
        default="the newest run of the thread",
        meaning="which run the line is about",
        kind="run",
    ),
)
_LATER: Final = (
    _later("--stylize", "0-1000", "Midjourney's own taste", "--s"),
    _later("--chaos", "0-100", "spread inside the grid", "--c"),
    _later("--weird", "0-3000", "Midjourney's strangeness; never the width (see --ar)", "--w"),
    _later("--iw", "0-3", "weight of an image prompt"),
    _later("--sref", "URL|CODE|random", "style reference"),
    _later("--sw", "0-1000", "weight of the style reference"),
    _later("--sv", "1-6", "version of the style reference"),
    _later("--cref", "URL", "character reference"),
    _later("--cw", "0-100", "weight of the character reference"),
    _later("--oref", "URL", "omni reference"),
    _later("--ow", "1-1000", "weight of the omni reference"),
    _later("--quality", ".25-4", "how much work goes into the first grid", "--q"),
    _later("--stop", "10-100", "stop early, in percent"),
    _later("--repeat", "1-40", "the same line several times", "--r"),
    _later("--tile", "", "a pattern that repeats without a seam"),
    _later("--raw", "", "less of the model's own taste"),
    _later("--style", "NAME", "Midjourney's style; the style segment is style=…"),
    _later("--fast", "", "the fast lane"),
    _later("--relax", "", "the cheap lane"),
    _later("--turbo", "", "the fastest lane"),
    _later("--draft", "", "the cheapest route"),
    _later("--stealth", "", "keep the result private"),
    _later("--public", "", "show the result to all"),
    _later("--version", "N", "version of Midjourney, for the hand-off", "--v"),
    _later("--niji", "N", "Midjourney's drawn model, for the hand-off"),
    _later("--profile", "CODE", "a personal profile, for the hand-off", "--p"),
    _later("--template", "NAME", "a prompt of the library"),
    _later("--house", "NAME", "a house style"),
    _later("--character", "NAME", "a character of the library"),
    _later("--project", "NAME", "whose defaults and budget count"),
)

FLAGS: Final[tuple[Flag, ...]] = _BUILT + _LATER
FLAG_BY_NAME: Final[dict[str, Flag]] = {
    name.removeprefix("--"): flag for flag in FLAGS for name in (flag.name, *flag.aliases)
}
"""Every flag by each of its names, without the dashes."""
FLAG_NAMES: Final[tuple[str, ...]] = tuple(FLAG_BY_NAME)
