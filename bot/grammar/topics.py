"""What one can ask ``help`` about, and the answers, made from the tables."""

from typing import Final

from bot.grammar.flag import Flag
from bot.grammar.flags import FLAG_BY_NAME, FLAGS
from bot.grammar.verbs import SEGMENT_MEANINGS, SEGMENT_NAMES, VERB_BY_NAME, VERBS, Verb

_CHAPTERS: Final = ("segments", "flags", "verbs")
TOPICS: Final[tuple[str, ...]] = (
    *_CHAPTERS,
    *(verb.name for verb in VERBS),
    *SEGMENT_NAMES,
    *(flag.name for flag in FLAGS),
)
"""Every topic, by its canonical name."""
_EXAMPLE: Final = (
    "imagine a red teapot :: on a slate worktop :: 85mm, f/2 :: editorial :: text --ar 4:5"
)
_TEXT_RULES: Final = (
    'Double quotes mark lettering and hide :: and -- ("SALE -- NOW"); a backslash makes the next '
    "character plain: \\:: \\-- \\{ \\= \\\\"
)


def as_topic(word: str) -> str | None:
    """Return the canonical name of a topic: verb before flag, long name for alias."""
    name = word.lower()
    if verb := VERB_BY_NAME.get(name):
        return verb.name
    if name in TOPICS:
        return name
    flag = FLAG_BY_NAME.get(name.lstrip("-—–"))
    return flag.name if flag else None


def help_text(topic: str = "") -> str:
    """Say what can be said: as a whole, or about a verb, flag, segment or chapter."""
    known = as_topic(topic) if topic else ""
    match known:
        case "":
            return _overview()
        case "segments":
            return _segments()
        case "flags":
            return _flags()
        case "verbs":
            return _verbs()
        case None:
            return f"There is no help on {topic[:60]!r}.\n\n{_overview()}"
        case _:
            return _entry(known)


def _entry(topic: str) -> str:
    if verb := VERB_BY_NAME.get(topic):
        return _verb_entry(verb)
    if flag := FLAG_BY_NAME.get(topic.removeprefix("--")) if topic.startswith("--") else None:
        return _flag_entry(flag)
    meaning = next(SEGMENT_MEANINGS[name] for name in SEGMENT_NAMES if name == topic)
    return (
        f"{topic}: {meaning}\n"
        f"In a prompt: {topic}=…, or by its place between ::\n"
        f"In a thread: {topic}: X replaces, {topic}: + X adds, {topic}: - X takes out, "
        f"{topic}: more X and {topic}: less X ask for more or less of X"
    )


def _verb_entry(verb: Verb) -> str:
    lines = [verb.form, f"  {verb.meaning}"]
    if verb.aliases:
        lines.append(f"  also: {', '.join(verb.aliases)}")
    if verb.takes not in ("prompt", "topic", "later"):
        lines.append("  --in RUN names the run; without it, the newest of the thread")
    if not verb.built:
        lines.append("  not built yet")
    return "\n".join(lines)


def _flag_entry(flag: Flag) -> str:
    lines = [f"{_flag_form(flag)}  {flag.meaning}"]
    facts = {"range": flag.allowed, "without it": flag.default}
    lines += [f"  {name}: {fact}" for name, fact in facts.items() if fact]
    if not flag.built:
        lines.append("  not built yet")
    return "\n".join(lines)


def _flag_form(flag: Flag) -> str:
    return f"{', '.join((flag.name, *flag.aliases))} {flag.value}".strip()


def _overview() -> str:
    later = [verb.name for verb in VERBS if not verb.built]
    later += [flag.name for flag in FLAGS if not flag.built]
    missing = f"Not built yet: {', '.join(later)}"
    chapters = [_EXAMPLE, _segments(), _verbs(), _flags(), missing]
    return "\n\n".join(chapters)


def _segments() -> str:
    lines = [f"  {name:<12} {meaning}" for name, meaning in SEGMENT_MEANINGS.items()]
    head = "Segments, between :: in this order or by name (style=…); ::2 weighs the one before it"
    return "\n".join((head, *lines, _TEXT_RULES))


def _verbs() -> str:
    built = [verb for verb in VERBS if verb.built]
    lines = [f"  {verb.form:<40} {verb.meaning}" for verb in built]
    edit = f"  {'SEGMENT: …':<40} in a thread: the same as edit"
    return "\n".join(("Verbs", *lines, edit))


def _flags() -> str:
    built = [flag for flag in FLAGS if flag.built]
    lines = [f"  {_flag_form(flag):<26} {flag.meaning}{_range(flag)}" for flag in built]
    return "\n".join(("Flags, after the prompt", *lines))


def _range(flag: Flag) -> str:
    facts = [flag.allowed, flag.default and f"default: {flag.default}"]
    said = "; ".join(filter(None, facts))
    return f" [{said}]" if said else ""
