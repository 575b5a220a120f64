"""Settings as one frozen record: defaults, the team's file, then the environment; no globals."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import ValidationError

from config.cards import over, own_cards, with_own
from config.records import LOOPBACK, Account, Settings
from domain.errors import SettingsError
from domain.model import ModelCard
from domain.policy import RejectReason
from domain.spec import SEGMENTS, TaskType
from domain.target import Target
from domain.template import Template

DEFAULT_URLS: Final = {
    "replicate": "https://api.replicate.com",
    "openai": "https://api.openai.com/v1",
    "stability": "https://api.stability.ai",
    "bfl": "https://api.bfl.ai",
    "comfyui": "",
}
"""Where vendors answer, unless a base URL is set; empty: there is none but one's own."""
_KEYS: Final = {
    "replicate": "REPLICATE_API_TOKEN",
    "openai": "OPENAI_API_KEY",
    "stability": "STABILITY_API_KEY",
    "bfl": "BFL_API_KEY",
}
CHAT_ENVIRONMENT: Final = {
    "slack": {
        "bot_token": "SLACK_BOT_TOKEN",
        "app_token": "SLACK_APP_TOKEN",
        "signing_secret": "SLACK_SIGNING_SECRET",
        "api_url": "SLACK_API_URL",
    },
    "discord": {
        "token": "DISCORD_TOKEN",
        "api_url": "DISCORD_API_URL",
        "gateway_url": "DISCORD_GATEWAY_URL",
    },
}
"""Tokens and addresses of the chat platforms, by field."""
_TAKEN: Final = frozenset({*DEFAULT_URLS, "sketch", "comfyui", "diffusers", "midjourney"})
"""Providers that are ours: no endpoint goes by such a name."""
_HEADERS: Final = re.compile(
    r"(\s*[\w!#$%&'*+.^`|~-]+\s*:\s*[\x21-\x3a\x3c-\x7e ]+(;|$))+\s*", re.ASCII
)
_FROM_ENVIRONMENT: Final = {
    "console": ("host", "port"),
    "scoring": ("weights", "engine", "hub_url"),
}
"""Keys that a variable may set as well: ``AI_HANDLER_SCORING_WEIGHTS``."""
_NOT_BUILT: Final = {
    "AI_HANDLER_CONSOLE_TOKEN": "a token login is not built yet",
    "AI_HANDLER_DATABASE_URL": "another database than the SQLite file is not built yet",
    "AI_HANDLER_ARTIFACTS_URL": "another artifact store than the data folder is not built yet",
}
_NOT_IN_THE_FILE: Final = {
    "data_dir": "the data folder is named by AI_HANDLER_DATA_DIR alone",
    "accounts": "keys and addresses come from the environment alone",
    "own_models": "models are tables of their own: [[model]]",
    "public_url": "the public address is named by AI_HANDLER_PUBLIC_URL alone",
    **{
        f"{platform}.{field}": f"it comes from {variable} alone"
        for platform, fields in CHAT_ENVIRONMENT.items()
        for field, variable in fields.items()
    },
}


def load(toml: str, environ: Mapping[str, str]) -> Settings:
    """Lay the team's TOML over the defaults, and the environment over both.

    Args:
        toml: The text of the file that AI_HANDLER_CONFIG names; empty if there is none.
        environ: The environment; never read from anywhere else.

    Raises:
        SettingsError: All that is wrong, by name.
    """
    try:
        given = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"the settings file is not TOML: {error}", hint="Mend the line that it names."
        ) from error
    _refuse_what_is_not_taken(given, environ)
    tables = given.pop("model", [])
    merged = over(_all_defaults(), given)
    _apply_environment(merged, environ)
    merged["own_models"] = own_cards(tables, _shipped("models.toml")["model"]) if tables else ()
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        raise SettingsError(_all_faults(error), hint="`ai-handler doctor` checks them.") from error
    _check_slack(settings)
    _check_endpoints(settings)
    _check_comfyui(settings.accounts["comfyui"])
    _check_routes(settings)
    if settings.console.host not in LOOPBACK:
        raise SettingsError(
            f"the console cannot be served on {settings.console.host!r}",
            hint="Only 127.0.0.1 until a token login is built.",
        )
    return settings


def _check_endpoints(settings: Settings) -> None:
    for name, endpoint in settings.endpoints.items():
        if name in _TAKEN:
            raise SettingsError(
                f"endpoints.{name}: {name!r} is a provider of ours",
                hint=f"Take another name, or set {name.upper()}_BASE_URL.",
            )
        if endpoint.key and endpoint.is_open:
            raise SettingsError(
                f"endpoints.{name}.base_url: a key would go to {endpoint.base_url} in the clear",
                hint="Use https://, or no key.",
            )


def _check_routes(settings: Settings) -> None:
    known = {card.id for card in model_cards(settings.own_models)}
    faults = [
        f"routes.{task}: no model {model!r}"
        for task, models in settings.routes.items()
        for model in models
        if model not in known
    ]
    if faults:
        raise SettingsError("; ".join(faults), hint="`ai-handler models` names them.")


def _check_comfyui(account: Account) -> None:
    address = urlsplit(account.base_url)
    if account.base_url and (address.scheme not in ("http", "https") or not address.hostname):
        said = "Write it as http://127.0.0.1:8188 or https://….modal.run."
        raise SettingsError(f"COMFYUI_URL: {account.base_url!r} is no address", hint=said)
    if account.headers and not _HEADERS.fullmatch(account.headers.get_secret_value()):
        said = "Write it as 'Name: value; Name: value'."
        raise SettingsError("COMFYUI_HEADERS cannot be read", hint=said)
    if account.headers and address.scheme == "http" and address.hostname not in LOOPBACK:
        said = f"COMFYUI_URL: COMFYUI_HEADERS would go to {account.base_url} in the clear"
        raise SettingsError(said, hint="Use https://, or no headers.")


def _check_slack(settings: Settings) -> None:
    slack = settings.slack
    if slack.on and slack.missing:
        raise SettingsError(
            f"{slack.missing} is not set, and slack.mode is {slack.mode!r}",
            hint="docs/slack.md says where it is found. Without SLACK_BOT_TOKEN Slack is off.",
        )
    if slack.on and slack.mode == "http" and not settings.public_url.startswith("https://"):
        raise SettingsError(
            "slack.mode is 'http', and AI_HANDLER_PUBLIC_URL is not an https:// address",
            hint="Set it to where Slack reaches this machine, or use slack.mode = 'socket'.",
        )


def read(environ: Mapping[str, str]) -> Settings:
    """Load the settings of this machine: reads the file that AI_HANDLER_CONFIG names.

    Raises:
        SettingsError: The file cannot be read, or what it says cannot be used.
    """
    path = environ.get("AI_HANDLER_CONFIG", "")
    try:
        text = Path(path).read_text(encoding="utf-8") if path else ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"cannot read {path}: {error}", hint="Check AI_HANDLER_CONFIG."
        ) from error
    return load(text, environ)


def defaults() -> dict[str, Any]:
    """Return the defaults that ship with the program."""
    return _shipped("defaults.toml")


def _all_defaults() -> dict[str, Any]:
    return defaults() | {"targets": _shipped("targets.toml")}


def brief_instructions() -> str:
    """Return what the language model is told that writes prompts, as it ships with the program."""
    return str(_shipped("brief.toml")["instructions"])


def model_cards(own: tuple[ModelCard, ...] = ()) -> tuple[ModelCard, ...]:
    """Return the model cards that ship with the program, and the team's own over them."""
    shipped = (ModelCard.model_validate(card) for card in _shipped("models.toml")["model"])
    return with_own(shipped, own)


def routes(own: Mapping[TaskType, Sequence[str]] | None = None) -> dict[str, Any]:
    """Return the routing table that ships with the program, the team's own tasks in it."""
    shipped = _shipped("routes.toml")
    return shipped | {"tasks": {**shipped["tasks"], **(own or {})}}


def shipped_targets() -> dict[str, Target]:
    """Return where images go, as it ships with the program."""
    shipped = _shipped("targets.toml")
    return {name: Target.model_validate(table) for name, table in shipped.items()}


def shipped_templates() -> dict[str, Template]:
    """Return the prompt templates that come with the program, by name."""
    return {name: template_of(name, table) for name, table in _shipped("templates.toml").items()}


def template_of(name: str, table: Mapping[str, Any]) -> Template:
    """Return a template as a TOML table has it: a text per segment, and its flags.

    Raises:
        ValidationError: It has another key, or a value out of range.
    """
    segments = {one: {"text": table[one]} for one in SEGMENTS if one in table}
    flags = {one: value for one, value in table.items() if one not in SEGMENTS}
    return Template.model_validate(
        {"name": name, "version": 1, "segments": segments, "flags": flags, "by": ""}
    )


def reject_reasons() -> tuple[RejectReason, ...]:
    """Return why an image is rejected, in the order of their keys."""
    return tuple(RejectReason.model_validate(one) for one in _shipped("negatives.toml")["reason"])


def _shipped(name: str) -> dict[str, Any]:
    return tomllib.loads(files("config").joinpath(name).read_text(encoding="utf-8"))


def _refuse_what_is_not_taken(given: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    unset = [f"{name}: {why}" for name, why in _NOT_BUILT.items() if environ.get(name)]
    misplaced = [f"{name}: {why}" for name, why in _NOT_IN_THE_FILE.items() if _has(given, name)]
    if unset or misplaced:
        hint = "Unset what is named." if unset else "Take it out of the settings file."
        raise SettingsError("; ".join(unset + misplaced), hint=hint)


def _has(given: Mapping[str, Any], name: str) -> bool:
    table, _, field = name.partition(".")
    inside = given.get(table)
    return table in given if not field else isinstance(inside, dict) and field in inside


def _apply_environment(merged: dict[str, Any], environ: Mapping[str, str]) -> None:
    merged["data_dir"] = Path(environ.get("AI_HANDLER_DATA_DIR") or "data").absolute()
    for table, names in _FROM_ENVIRONMENT.items():
        asked = {name: environ.get(f"AI_HANDLER_{table}_{name}".upper()) for name in names}
        told = {name: value for name, value in asked.items() if value}
        if told:
            merged.update(over(merged, {table: told}))
    merged["accounts"] = {name: _account(name, environ) for name in DEFAULT_URLS}
    merged["accounts"] |= _endpoint_accounts(merged.get("endpoints"), environ)
    merged["public_url"] = environ.get("AI_HANDLER_PUBLIC_URL", "").rstrip("/")
    for platform, fields in CHAT_ENVIRONMENT.items():
        told = {field: environ[name] for field, name in fields.items() if environ.get(name)}
        merged[platform] = merged[platform] | told


def _account(name: str, environ: Mapping[str, str]) -> dict[str, Any]:
    if name == "comfyui":
        return _comfyui(environ)
    url = environ.get(f"{name.upper()}_BASE_URL") or DEFAULT_URLS[name]
    return {"api_key": environ.get(_KEYS[name]) or None, "base_url": url.rstrip("/")}


def _comfyui(environ: Mapping[str, str]) -> dict[str, Any]:
    folder = environ.get("COMFYUI_WORKFLOWS")
    return {
        "base_url": environ.get("COMFYUI_URL", "").rstrip("/"),
        "headers": environ.get("COMFYUI_HEADERS") or None,
        "folder": str(Path(folder).absolute()) if folder else "",
    }


def _endpoint_accounts(endpoints: Any, environ: Mapping[str, str]) -> dict[str, Any]:
    """Return key and address of every endpoint that is well-formed; the others are refused."""
    tables = endpoints.items() if isinstance(endpoints, dict) else ()
    return {
        name: {
            "api_key": environ.get(str(table.get("key", ""))) or None,
            "base_url": table["base_url"].rstrip("/"),
        }
        for name, table in tables
        if name not in DEFAULT_URLS
        and isinstance(table, dict)
        and isinstance(table.get("base_url"), str)
    }


def _all_faults(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
    )
