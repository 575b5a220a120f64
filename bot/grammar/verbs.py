"""The table of verbs: what can be said, and the form of each; errors and help are made from it."""

from dataclasses import dataclass
from typing import Final, Literal

from domain.spec import SEGMENTS, SegmentName

Takes = Literal[
    "prompt",
    "edits",
    "branch",
    "rework",
    "nothing",
    "number",
    "number?",
    "rating",
    "reason",
    "run",
    "runs",
    "topic",
    "seed",
    "artwork?",
    "words",
    "people",
    "task",
    "files",
    "who",
    "tile|run",
    "time",
    "templates",
    "lora",
    "bundle",
    "later",
]
"""What stands between a verb and its flags. ``later``: the verb's part is not built."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb, as people type it and as the tables show it."""

    name: str
    form: str
    """How to write it, as a pattern for people: ``branch N [SEGMENT: …] [flags]``."""
    meaning: str
    takes: Takes
    aliases: tuple[str, ...] = ()
    makes: bool = False
    """Whether it makes images, and so takes the flags that say how."""
    free: bool = False
    """Whether it acts in a thread when it stands alone and nobody mentioned the bot."""
    built: bool = True
    shape: str = ""
    """Of a verb not built: what must follow for the line to be that verb, as a pattern."""


def _later(name: str, form: str, meaning: str, shape: str = "") -> Verb:
    return Verb(name, form, meaning, "later", built=False, shape=shape)


_N: Final = r"#?[0-9]+( .*)?"
_BUILT: Final = (
    Verb("imagine", "imagine PROMPT [flags]", "make images", "prompt", makes=True),
    Verb(
        "edit",
        "edit SEGMENT: … [:: SEGMENT: …] [flags]",
        "change segments or flags of a run and keep its seeds",
        "edits",
        makes=True,
    ),
    Verb(
        "branch",
        "branch N [SEGMENT: … :: …] [flags]",
        "go on from image N: its seed, or with --strength its picture",
        "branch",
        makes=True,
    ),
    Verb(
        "use",
        "use N [SEGMENT: … :: …] [flags]",
        "make images from prompt N of those that were written from a brief",
        "branch",
        makes=True,
    ),
    Verb("reroll", "reroll [flags]", "the same with fresh seeds", "nothing", makes=True),
    Verb("again", "again [flags]", "the same with the same seeds", "nothing", makes=True),
    Verb("undo", "undo [flags]", "take back the last change", "nothing", makes=True),
    Verb("seed", "seed N|keep|random", "the same run with this seed", "seed", makes=True),
    Verb("upscale", "upscale N [flags]", "image N, larger", "rework", makes=True),
    Verb(
        "extend",
        "extend N --left PX [--right, --up, --down PX] [flags]",
        "image N with more around it",
        "rework",
        makes=True,
    ),
    Verb("cutout", "cutout N [flags]", "image N without its background", "rework", makes=True),
    Verb("pick", "pick N", "vote for image N and see it alone", "number"),
    Verb("unpick", "unpick N", "withdraw that vote", "number"),
    Verb(
        "rate",
        "rate N up|down|1..5|none",
        "say how good image N is; none withdraws it",
        "rating",
    ),
    Verb(
        "favourite",
        "favourite N",
        "keep image N in your favourites",
        "number",
        ("favorite", "star"),
    ),
    Verb(
        "unfavourite",
        "unfavourite N",
        "take image N out of your favourites",
        "number",
        ("unfavorite", "unstar"),
    ),
    Verb("approve", "approve [N]", "image N is good to ship", "number?"),
    Verb("reject", "reject [N] [REASON, …]", "image N is not good to ship", "reason"),
    Verb("withdraw", "withdraw [N]", "take back your decision on image N", "number?"),
    Verb("restore", "restore N", "bring back image N that triage folded", "number"),
    Verb("baseline", "baseline [RUN]", "compare later runs with this one", "run"),
    Verb("compare", "compare [RUN]", "what differs from RUN, or the baseline", "runs", free=True),
    Verb("checklist", "checklist [RUN]", "what a run has, and still lacks", "run", free=True),
    Verb("ranking", "ranking [RUN]", "a thread's images by votes", "run", free=True),
    Verb(
        "blind",
        "blind [RUN] [RUN]",
        "vote without knowing model, score and author, in an order of your own",
        "runs",
        free=True,
    ),
    Verb("history", "history [RUN]", "each change of a prompt, word by word", "run", free=True),
    Verb("cancel", "cancel [--rest]", "stop a run that waits or is under way", "run"),
    Verb("retry", "retry", "make what a failed run did not", "run"),
    Verb("promote", "promote", "choose one of several runs under a card: a card of its own", "run"),
    Verb("details", "details", "every parameter of a run", "run", free=True),
    Verb(
        "attach",
        "attach [grid|single] PICTURE, …",
        "hand in the pictures of a run made elsewhere: one grid, or images alone",
        "files",
    ),
    Verb(
        "export", "export [--all]", "approved originals with all that made them", "run", free=True
    ),
    Verb("takedown", "takedown", "take a run's picture and text off the platform", "run"),
    Verb(
        "review",
        "review [--by close|disagree|age] [--mine]",
        "what triage left to people, one by one",
        "artwork?",
        free=True,
    ),
    Verb("assign", "assign @name|me [N|r2]", "ask somebody to look at image N, or a run", "who"),
    Verb("unassign", "unassign [N|r2]", "ask nobody any more", "tile|run"),
    Verb(
        "digest",
        "digest [here 09:00|off] [--empty]",
        "what waits at a glance; `here`: once a day in this channel; admins change it",
        "time",
    ),
    Verb("queue", "queue", "what runs and waits", "nothing", free=True),
    Verb("status", "status [RUN]", "how a run is doing", "run", free=True),
    Verb("show", "show [RUN]", "a run, here", "run"),
    Verb("find", 'find "WORDS"', "earlier runs by words", "words"),
    Verb("info", "info", "your limits, and what is left of them", "nothing", ("quota",), free=True),
    Verb(
        "approvers",
        "approvers [add|remove @name …]",
        "who may approve; admins change it",
        "people",
        free=True,
    ),
    Verb(
        "route",
        "route TASK [MODEL]",
        "make MODEL the first choice for TASK in this channel; without one, the team's table",
        "task",
    ),
    Verb(
        "loras",
        "loras [add|show|retire NAME] [family=… trigger=… weight=… replicate=… comfyui=…]",
        "the team's LoRA: for which models, where they lie, which words wake them",
        "lora",
        free=True,
    ),
    Verb(
        "houses",
        "houses [save|show|retire NAME] [WORDS] [--ref, --lora, --no, …] [--in RUN]",
        "house styles: words, pictures and weights under one name; save takes them of a run",
        "bundle",
        free=True,
    ),
    Verb(
        "characters",
        "characters [save|show|retire NAME] [WORDS] [--ref, --lora, …] [--in RUN]",
        "characters that look the same in every run; save takes one of a run",
        "bundle",
        free=True,
    ),
    Verb("help", "help [TOPIC]", "what can be said", "topic", free=True),
    Verb(
        "templates",
        "templates [find WORDS|show NAME|add NAME PROMPT|save NAME|diff NAME|retire NAME]",
        "the team's prompts with slots, for --template NAME",
        "templates",
        free=True,
    ),
)
_LATER: Final = (
    _later("describe", "describe [N]", "a prompt for a picture", rf"({_N})?"),
    _later("improve", "improve [RUN]", "which segment is weak, and why", r"(r[0-9]+)?"),
    _later("refs", "refs", "the reference library", r"((add|list)( .*)?)?"),
    _later("negatives", "negatives", "the negative library", r"((add|list)( .*)?)?"),
    _later("settings", "settings", "your defaults and the channel's", r"((set|reset)( .*)?)?"),
    _later("prefer", "prefer suffix FLAGS", "flags of your own", r"(suffix|option)( .*)?"),
    _later("replay", "replay RUN", "make a run again and compare", r"r[0-9]+|[0-9A-Za-z]{26}"),
)

VERBS: Final[tuple[Verb, ...]] = _BUILT + _LATER
VERB_BY_NAME: Final[dict[str, Verb]] = {
    name: verb for verb in VERBS for name in (verb.name, *verb.aliases)
}
SEGMENT_NAMES: Final[tuple[SegmentName, ...]] = SEGMENTS
SEGMENT_MEANINGS: Final[dict[SegmentName, str]] = {
    "subject": "what is seen, and what it does",
    "environment": "where: place, time of day, weather",
    "technical": "camera and framing: lens, view, light set-up",
    "style": "the look: mood, medium, art direction",
    "negative": "what must not be in it",
}
