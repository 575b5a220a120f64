"""A brief becomes one prompt by rules, where no language model is on: crude, free, always alike.

The first clause that asks for something is the subject; each other goes to the segment whose words
it holds; what asks to leave something out goes to the negative one.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from domain.draft import Draft, Drafted, Writing
from domain.errors import RejectedError
from domain.spec import Segment, SegmentName, Segments

_SENTENCES: Final = re.compile(r"(?<=[.!?;])\s+|\n+")
_CLAUSES: Final = re.compile(r",\s*(?:and\s+)?|\s+–\s+|\s+-\s+")
_NOT: Final = re.compile(
    r"^(?:and\s+)?(?:please\s+)?(?:no|without|not|avoid|don't\s+(?:show|use|want)|never)\s+(?:any\s+)?",
    re.IGNORECASE,
)
_TALK: Final = re.compile(
    r"^(?:please\s+)?(?:we\s+(?:need|want|would\s+like)|i\s+(?:need|want|would\s+like)|"
    r"(?:can|could)\s+you\s+(?:make|create)|make|create|show|draw|generate)\s+(?:us\s+|me\s+)?",
    re.IGNORECASE,
)
_POLITE: Final = frozenset({"please", "thanks", "thank you", "hello", "hi"})
_RATIO: Final = re.compile(r"\b([1-9][0-9]?):([1-9][0-9]?)\b")
_WHERE: Final = re.compile(r"(?:in|on|at|under|inside|outside|near|by|behind)\s", re.IGNORECASE)
_WORDS: Final[dict[SegmentName, re.Pattern[str]]] = {
    "technical": re.compile(
        r"\b(?:\d+\s?mm|f/\d|lens|macro|close[- ]up|wide[- ]angle|depth of field|bokeh|wide shot|"
        r"aerial|top[- ]down|angle|resolution|4k|8k|exposure|camera|portrait format|"
        r"landscape format)\b",
        re.IGNORECASE,
    ),
    "style": re.compile(
        r"\b(?:style|mood|look|feel|light(?:ing)?|editorial|cinematic|minimal(?:ist)?|watercolou?r|"
        r"illustration|photograph(?:ic|y)?|photorealistic|vintage|modern|warm|moody|playful|flat|"
        r"colou?rs?|palette|pastel|3d|render(?:ed)?)\b",
        re.IGNORECASE,
    ),
    "environment": re.compile(
        r"^(?:in|on|at|under|beside|by|inside|outside|against|behind|over|near)\s|"
        r"\b(?:background|setting|scene|room|studio|street|forest|beach|desk|table|kitchen|"
        r"sunset|dusk|dawn|night|morning)\b",
        re.IGNORECASE,
    ),
}


def split(brief: str) -> Drafted:
    """Return the one prompt that the rules make of a brief.

    Raises:
        RejectedError: It asks for nothing that could be shown.
    """
    found: dict[SegmentName, list[str]] = {}
    for clause in _clauses(brief):
        name, text = _placed(clause)
        placed = name == "negative" or "subject" in found or _WHERE.match(clause)
        name = name if placed else "subject"
        found.setdefault(name, []).append(text)
    if "subject" not in found and "environment" in found:
        found["subject"] = [found["environment"].pop(0)]
    if "subject" not in found:
        hint = "Say what the picture shall show."
        raise RejectedError("the brief names nothing to show", hint=hint)
    texts = {
        name: Segment(text=", ".join(dict.fromkeys(said))) for name, said in found.items() if said
    }
    ratio = _RATIO.search(brief)
    draft = Draft(
        title="by rules",
        segments=Segments.model_validate(texts),
        aspect_ratio=f"{ratio[1]}:{ratio[2]}" if ratio else None,
    )
    return Drafted(drafts=(draft,), cost_usd=0.0)


def _clauses(brief: str) -> Iterator[str]:
    for sentence in _SENTENCES.split(brief.strip()):
        for clause in _CLAUSES.split(sentence):
            said = _RATIO.sub("", clause).strip(" .!?;:,\t\"'“”")
            if said and said.casefold() not in _POLITE:
                yield said


def _placed(clause: str) -> tuple[SegmentName, str]:
    if _NOT.match(clause):
        return "negative", _NOT.sub("", clause)
    said = _TALK.sub("", clause) or clause
    for name, words in _WORDS.items():
        if words.search(said):
            return name, said
    return "subject", said


class Splitter:
    """The writer that asks nobody."""

    def __init__(self, writing: Writing) -> None:
        self.writing = writing

    def payload(self, brief: str) -> dict[str, Any]:
        """Return what the rules are applied to."""
        return {"brief": brief, "rules": self.writing.version}

    async def write(self, brief: str) -> Drafted:
        """Return the one prompt that the rules make."""
        return split(brief)

    async def close(self) -> None:
        """Nothing is open."""
