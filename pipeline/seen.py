"""Lettering and safety: whether they matter for a run, and what was found in a picture."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from domain.judging import UNCALIBRATED, Check, ExtrasPolicy
from domain.run import Run
from domain.seen import Lettering, LetteringWanted, Safety, Seen
from domain.target import Target

_QUOTED: Final = re.compile(r'"([^"]*\w[^"]*)"')
"""Words in double quotes are to be read in the picture."""
_LETTERS: Final = re.compile(
    r"\b(text|texts|letter|letters|lettering|word|words|writing|captions?|typography)\b"
)
"""Terms of the negative segment that forbid lettering."""
MOST_TEXTS: Final = 10
MOST_CHARS: Final = 120
SHOWN_CHARS: Final = 60
NOTHING_LIKE: Final = 0.5
"""Below this what was read is another text."""


def lettering_wanted(run: Run, target: Target | None) -> LetteringWanted | None:
    """Return what is to be read in the pictures of a run; None if lettering does not matter."""
    parts = run.spec.segments
    said = (parts.subject, parts.environment, parts.technical, parts.style)
    texts = (run.spec.scored_brief, *(part.text for part in said))
    return wanted_in(texts, parts.negative.text, target)


def wanted_in(texts: Sequence[str], negative: str, target: Target | None) -> LetteringWanted | None:
    """Return what is to be read where *texts* were asked for; None if lettering does not matter.

    Args:
        texts: What lies in double quotes in them is to be read, each once.
        negative: What shall not be there: it may forbid lettering.
        target: What it requires comes on top.
    """
    found = (" ".join(one.split()) for text in texts for one in _QUOTED.findall(text))
    required = target.lettering if target else ()
    quoted = tuple(dict.fromkeys(one[:MOST_CHARS] for one in (*found, *required)))
    if quoted:
        return LetteringWanted(texts=quoted[:MOST_TEXTS])
    return LetteringWanted(forbidden=True) if _LETTERS.search(negative.casefold()) else None


def safety_wanted(run: Run, target: Target | None, policy: ExtrasPolicy) -> bool:
    """Say whether it matters who may look at the pictures of a run."""
    return run.route.task in policy.unsafe_for or bool(target and target.safety)


def extras(seen: Seen, wanted: LetteringWanted | None, policy: ExtrasPolicy) -> Iterator[Check]:
    """Yield the checks of what was looked for in one picture; none of them rejects."""
    if seen.lettering and wanted:
        yield from _lettering(seen.lettering, wanted, policy)
    if seen.safety:
        yield _safety(seen.safety, policy)


def _lettering(found: Lettering, wanted: LetteringWanted, policy: ExtrasPolicy) -> Iterator[Check]:
    rule = "lettering"
    if found.missing:
        yield _absent(rule, found.missing, failed=found.failed)
        return
    read, source = " / ".join(found.lines), f"{UNCALIBRATED}: {found.version}"
    for text, like in found.likeness.items():
        failed = like < policy.lettering_least
        yield Check(
            rule=rule, figure=f'lettering "{text}"', value=like, beyond="under",
            threshold=policy.lettering_least, source=source, failed=failed,
            says=_misread(text, like, read) if failed else "",
        )  # fmt: skip
    if wanted.forbidden:
        stray = [line for line in found.lines if sum(map(str.isalpha, line)) > 2]  # noqa: PLR2004
        yield Check(
            rule="no lettering", figure="lines that were read", value=float(len(stray)),
            beyond="over", threshold=0.0, source=source, failed=bool(stray),
            says=f'lettering, though forbidden: "{_cut(" / ".join(stray))}"' if stray else "",
        )  # fmt: skip


def _misread(text: str, like: float, read: str) -> str:
    if not read:
        return f'lettering "{text}" is not in it: nothing was read'
    if like < NOTHING_LIKE:
        return f'lettering "{text}" is not in it: "{_cut(read)}" was read'
    return f'lettering "{text}" is not letter by letter ({like:.0%}): "{_cut(read)}" was read'


def _safety(found: Safety, policy: ExtrasPolicy) -> Check:
    if found.unsafe is None:
        return _absent("safety", found.missing or "not measured", failed=found.failed)
    failed = found.unsafe > policy.unsafe_most
    return Check(
        rule="safety", figure="unsafe", value=found.unsafe, beyond="over",
        threshold=policy.unsafe_most, source=f"{UNCALIBRATED}: {found.version}", failed=failed,
        says=f"perhaps not for everybody's eyes: {found.unsafe:.0%}" if failed else "",
    )  # fmt: skip


def _absent(rule: str, why: str, *, failed: bool) -> Check:
    if failed:
        return Check(rule=rule, figure="", failed=True, says=why)
    return Check(rule=rule, figure="", source=f"neutral: {why}")


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 1]}…"
