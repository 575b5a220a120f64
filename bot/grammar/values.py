"""The values of flags: each kind read, checked against its range, and answered when it is wrong."""

import re
from collections.abc import Callable, Iterable
from math import gcd
from typing import Final

from pydantic import TypeAdapter, ValidationError

from bot.grammar.faults import Faults, nearest
from bot.grammar.figures import as_decimal, as_integer, number_text
from bot.grammar.flag import Flag, FlagKind
from bot.grammar.inputs import Item, as_control, as_lora, as_reference
from bot.grammar.marks import items, leading_quote, whole, words
from bot.grammar.regions import FLAGS_LAST
from domain.asked import BundleName, RunName, TemplateAsked
from domain.spec import MAX_PROMPT_CHARS
from pipeline.templating import as_asked

Value = str | int | float | bool | tuple[str | Item, ...] | TemplateAsked | None
_RATIO: Final = re.compile(r"([0-9]{1,9}):([0-9]{1,9})")
_NEAR_RATIO: Final = re.compile(
    r"([0-9]{1,5}(?:\.[0-9]{1,4})?) ?[:xX/×] ?([0-9]{1,5}(?:\.[0-9]{1,4})?)"
)
_TOO_LONG: Final = f"at most {MAX_PROMPT_CHARS}"
_LONGEST_RATIO: Final = 11
_RUN: Final[TypeAdapter[str]] = TypeAdapter(RunName)
_BUNDLE: Final[TypeAdapter[str]] = TypeAdapter(BundleName)


def read_value(flag: Flag, raw: str, faults: Faults) -> Value:
    """Return the value of *flag*, or None after noting why there is none."""
    return _READERS[flag.kind](flag, raw, faults)


def as_run(word: str) -> str | None:
    """Return a run's name as it is stored (``r2``, ``01J…``), or None if *word* is none."""
    for name in (word.lower(), word.upper()):
        try:
            return _RUN.validate_python(name)
        except ValidationError:
            continue
    return None


def measure(texts: Iterable[str], faults: Faults, what: str = "prompt") -> None:
    """Note texts that are too long together."""
    total = sum(map(len, texts))
    if total > MAX_PROMPT_CHARS:
        faults.add(what, f"{total} characters", _TOO_LONG)


def _one(flag: Flag, raw: str, faults: Faults) -> str:
    said = words(raw)
    if not said or not said[0]:
        faults.add(flag.name, "", f"needs a value: {flag.allowed}")
        return ""
    if len(said) > 1:
        faults.add(flag.name, raw, f"{' '.join(said[1:])!r:.60} is too much; {FLAGS_LAST}")
    measure(said[:1], faults, flag.name)
    return said[0]


def _word(flag: Flag, raw: str, faults: Faults) -> Value:
    return _one(flag, raw, faults) or None


def _choice(flag: Flag, raw: str, faults: Faults) -> Value:
    word = _one(flag, raw, faults).lower()
    if word and word not in flag.choices:
        faults.add(flag.name, word, flag.allowed, nearest(word, flag.choices))
        return None
    return word or None


def _integer(flag: Flag, raw: str, faults: Faults) -> Value:
    word = _one(flag, raw, faults)
    value = as_integer(word)
    if value is not None and flag.low <= value <= flag.high:
        return value
    if word:
        faults.add(flag.name, word, flag.allowed, _clamped(flag, as_decimal(word), whole=True))
    return None


def _seed(flag: Flag, raw: str, faults: Faults) -> Value:
    word = _one(flag, raw, faults).lower()
    if word in flag.choices:
        return word
    value = as_integer(word)
    if value is not None and flag.low <= value <= flag.high:
        return value
    if word:
        near = _clamped(flag, as_decimal(word), whole=True) or nearest(word, flag.choices)
        faults.add(flag.name, word, flag.allowed, near)
    return None


def _decimal(flag: Flag, raw: str, faults: Faults) -> Value:
    word = _one(flag, raw, faults)
    plain = word.removeprefix("$") if flag.field == "max_cost_usd" else word
    value = as_decimal(plain)
    if value is not None and flag.low <= value <= flag.high and value != float("inf"):
        return value
    if word:
        faults.add(flag.name, word, flag.allowed, _near_decimal(flag, plain))
    return None


def _near_decimal(flag: Flag, word: str) -> str:
    percent = as_decimal(word.removesuffix("%"))
    if flag.high == 1 and percent is not None and 1 < percent <= 100:  # noqa: PLR2004 - per cent
        return number_text(percent / 100)
    return _clamped(flag, as_decimal(word.replace(",", ".", 1)))


def _clamped(flag: Flag, value: float | None, *, whole: bool = False) -> str:
    if value is None or (value > flag.high and flag.high == float("inf")):
        return ""
    near = min(max(value, flag.low), flag.high)
    if near == float("inf"):
        return ""
    return str(round(near)) if whole else number_text(near)


def _ratio(flag: Flag, raw: str, faults: Faults) -> Value:
    word = _one(flag, raw, faults)
    if found := _RATIO.fullmatch(word):
        ratio = _lowest(int(found[1]), int(found[2]))
        if ratio and len(ratio) <= _LONGEST_RATIO:
            return ratio
    if word:
        faults.add(flag.name, word, flag.allowed, _near_ratio(word))
    return None


def _lowest(width: int, height: int) -> str:
    if not (width and height):
        return ""
    common = gcd(width, height)
    return f"{width // common}:{height // common}"


def _near_ratio(word: str) -> str:
    """``1.39:1`` is 139:100, and ``16x9`` is 16:9."""
    found = _NEAR_RATIO.fullmatch(word.strip(".,;"))
    if not found:
        return ""
    places = max(len(side.partition(".")[2]) for side in found.groups())
    width, height = (round(float(side) * 10**places) for side in found.groups())
    near = _lowest(width, height)
    return near if len(near) <= _LONGEST_RATIO else ""


def _list(flag: Flag, raw: str, faults: Faults) -> Value:
    said = tuple(items(raw))
    if not said:
        faults.add(flag.name, "", f"needs a value: {flag.allowed}")
    return said


def _models(flag: Flag, raw: str, faults: Faults) -> Value:
    said = _list(flag, raw, faults)
    models = tuple(map(str, said)) if isinstance(said, tuple) else ()
    for model in models:
        first, _, more = model.partition(" ")
        if more:
            faults.add(flag.name, model, f"{more!r:.60} is too much; {FLAGS_LAST}", first)
    measure(models, faults, flag.name)
    return models


def _items(read: Callable[[str], Item | None]) -> Callable[[Flag, str, Faults], Value]:
    def reader(flag: Flag, raw: str, faults: Faults) -> Value:
        said = _list(flag, raw, faults)
        found: list[Item] = []
        for text in said if isinstance(said, tuple) else ():
            item = read(str(text))
            if item is None:
                faults.add(flag.name, str(text), flag.allowed)
            else:
                found.append(item)
        return tuple(found)

    return reader


def _text(flag: Flag, raw: str, faults: Faults) -> Value:
    said = whole(raw)
    quoted, rest = leading_quote(raw)
    if quoted and rest:
        faults.add(flag.name, raw, f"{rest!r:.60} is too much; {FLAGS_LAST}")
    if not said:
        faults.add(flag.name, "", f"needs a value: {flag.allowed}")
    measure((said,), faults, flag.name)
    return said or None


def _template(flag: Flag, raw: str, faults: Faults) -> Value:
    said = _text(flag, raw, faults)
    asked = as_asked(str(said)) if said else None
    if said and asked is None:
        faults.add(flag.name, str(said), flag.allowed)
    return asked


def _bundle(flag: Flag, raw: str, faults: Faults) -> Value:
    word = _one(flag, raw, faults).lower()
    try:
        return _BUNDLE.validate_python(word) if word else None
    except ValidationError:
        faults.add(flag.name, word, flag.allowed)
        return None


def _run(flag: Flag, raw: str, faults: Faults) -> Value:
    word = _one(flag, raw, faults)
    run = as_run(word)
    if word and run is None:
        near = f"r{word}" if as_run(f"r{word}") else ""
        faults.add(flag.name, word, flag.allowed, near)
    return run


def _switch(flag: Flag, raw: str, faults: Faults) -> Value:
    if raw:
        faults.add(flag.name, raw, f"takes no value; {FLAGS_LAST}")
    return True


_READERS: Final[dict[FlagKind, Callable[[Flag, str, Faults], Value]]] = {
    "choice": _choice,
    "word": _word,
    "integer": _integer,
    "decimal": _decimal,
    "seed": _seed,
    "ratio": _ratio,
    "list": _list,
    "text": _text,
    "run": _run,
    "switch": _switch,
    "controls": _items(as_control),
    "references": _items(as_reference),
    "loras": _items(as_lora),
    "models": _models,
    "template": _template,
    "bundle": _bundle,
}
