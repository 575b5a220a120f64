"""Lines about LoRA, house styles and characters: what stands behind the verb, read and written."""

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from bot.grammar.faults import Faults, nearest
from bot.grammar.figures import as_decimal, number_text
from bot.grammar.marks import escape, unescape, words
from domain.bundle import MAX_PHRASE, Characters, Family, Houses, LoRAItem, LoRAName, Loras
from domain.spec import LORA_WEIGHTS, LoRAPlace

ACTIONS: Final = {
    "loras": ("list", "show", "add", "retire"),
    "houses": ("list", "show", "save", "retire"),
    "characters": ("list", "show", "save", "retire"),
}
SHELVED: Final[Mapping[str, frozenset[str]]] = {
    "loras": frozenset({"--ref"}),
    "houses": (bundled := frozenset({"--ref", "--lora", "--no", "--control", "--seed", "--in"})),
    "characters": bundled,
}
"""The flags that say what an item holds."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}(?:@[1-9][0-9]{0,5})?")
_NAMED: Final = "a name: small letters, digits, - and _"
PROVIDERS: Final = ("replicate", "comfyui", "diffusers")
"""Where LoRA can be loaded."""
_KEYS: Final = ("family", "trigger", "in", "weight", "licence", *PROVIDERS)
_FAMILY: Final[TypeAdapter[str]] = TypeAdapter(Family)
_PLACE: Final[TypeAdapter[str]] = TypeAdapter(LoRAPlace)
_LORA_NAME: Final[TypeAdapter[str]] = TypeAdapter(LoRAName)


def read_shelved(verb: str, body: str, faults: Faults) -> dict[str, Any]:
    """Read what stands behind ``houses``, ``characters`` or ``loras``, flags aside."""
    action, _, rest = body.partition(" ")
    action = action.lower() or "list"
    if action not in ACTIONS[verb]:
        allowed = ", ".join(ACTIONS[verb])
        faults.add(verb, action, allowed, nearest(action, ACTIONS[verb]))
        return {}
    name, _, more = rest.strip().partition(" ")
    name, more = name.lower(), more.strip()
    fields: dict[str, Any] = {"action": action, "name": name or None}
    if action == "list" and name:
        faults.add(f"{verb} list", name, f"is too much; {verb} show {name} shows one")
    elif action != "list" and not _NAME.fullmatch(name):
        faults.add(f"{verb} {action}", name, f"needs {_NAMED}")
    elif action in {"show", "retire"} and more:
        faults.add(f"{verb} {action}", more, "is too much")
    elif action == "add":
        fields["item"] = _lora(name, more, faults)
    elif action == "save":
        fields["phrase"] = _phrase(unescape(more), verb, faults)
    if verb == "loras" and name and not _is(_LORA_NAME, name):
        faults.add(f"loras {action}", name, f"needs {_NAMED}")
    return fields


def shelved_body(command: Loras | Houses | Characters) -> str:
    """Write what stands behind the verb."""
    action = "" if command.action == "list" else command.action
    more = _written(command.item) if isinstance(command, Loras) else escape(command.phrase)
    return " ".join(filter(None, (action, command.name, more)))


def _phrase(phrase: str, what: str, faults: Faults) -> str:
    if len(phrase) > MAX_PHRASE:
        faults.add(what, f"{len(phrase)} characters", f"at most {MAX_PHRASE}")
        return ""
    return phrase


def _lora(name: str, body: str, faults: Faults) -> LoRAItem | None:
    """Read ``family=sdxl trigger="mara woman" weight=0.8 replicate=URL``."""
    said = _pairs(name, body, faults)
    family = said.get("family", "").lower()
    if not _is(_FAMILY, family):
        faults.add("family", family, "the base models that it is for: family=sdxl")
    speaks_in = said.get("in", "subject").lower()
    if speaks_in not in {"subject", "style"}:
        faults.add("in", speaks_in, "subject or style: where its trigger words go")
    fields = {
        "family": family,
        "speaks_in": speaks_in,
        "places": _places(name, said, faults),
        "weight": _weight(said.get("weight"), faults),
        "trigger": _phrase(said.get("trigger", ""), "trigger", faults),
        "licence": _phrase(said.get("licence", ""), "licence", faults),
    }
    return None if faults else LoRAItem.model_validate(fields)


def _pairs(name: str, body: str, faults: Faults) -> dict[str, str]:
    said: dict[str, str] = {}
    for word in words(body):
        key, sign, value = word.partition("=")
        key = key.lower()
        if not sign or key not in _KEYS or not value.strip() or key in said:
            allowed = f"NAME=VALUE once each, of {', '.join(_KEYS)}; values of many words in quotes"
            faults.add(f"loras add {name}", word, allowed, nearest(key, _KEYS))
            continue
        said[key] = value.strip()
    return said


def _places(name: str, said: Mapping[str, str], faults: Faults) -> dict[str, str]:
    places = {one: said[one] for one in PROVIDERS if one in said}
    for provider, place in places.items():
        if not _is(_PLACE, place):
            faults.add(provider, place, "an address, a file's name or a hub id, without @ and ,")
    if not places:
        faults.add(f"loras add {name}", "", "needs a place: replicate=URL, comfyui=FILE")
    return places


def _weight(text: str | None, faults: Faults) -> float | None:
    if text is None:
        return None
    value = as_decimal(text)
    low, high = LORA_WEIGHTS
    if value is None or not low <= value <= high:
        faults.add("weight", text, f"{low:g} to {high:g}, 1 is as trained")
        return None
    return value


def _written(item: LoRAItem | None) -> str:
    if item is None:
        return ""
    said = {
        "family": item.family,
        "trigger": item.trigger,
        "in": "" if item.speaks_in == "subject" else item.speaks_in,
        "weight": "" if item.weight is None else number_text(item.weight),
        "licence": item.licence,
        **item.places,
    }
    return " ".join(f"{key}={_quoted(value)}" for key, value in said.items() if value)


def _quoted(text: str) -> str:
    if re.fullmatch(r"[\w./@%+#?&~=-]+(?::[\w./@%+#?&~=-]+)*", text):
        return text
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def _is(kind: TypeAdapter[str], text: str) -> bool:
    try:
        kind.validate_python(text)
    except ValidationError:
        return False
    return True
