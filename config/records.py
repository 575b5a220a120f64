"""Everything that can be set, as records: types, ranges and what each is for."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator

from domain.draft import Writing
from domain.event import Place
from domain.judging import CalibrationPolicy, ExtrasPolicy, FitPolicy, Policy
from domain.model import ModelCard, ModelId
from domain.policy import ApprovalPolicy, PixelPolicy
from domain.record import Record
from domain.spec import ControlKind, TaskType
from domain.target import Target, TargetName

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
Count = Annotated[int, Field(ge=1, le=64)]
Usd = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]


MandatoryItem = Literal["task", "segments", "references", "strength", "negatives", "format"]
"""Items of the checklist that can be known before anything is made."""
Rate = Annotated[int, Field(ge=1, le=100_000)]
ThresholdName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
ProviderName = Annotated[str, Field(pattern=r"^[a-z]{2,20}$")]


class LimitSettings(Record):
    """How much may wait and be spent."""

    waiting_per_person: Annotated[int, Field(ge=1, le=1000)]
    waiting_per_channel: Annotated[int, Field(ge=1, le=10_000)]
    max_usd_per_day: Usd
    confirm_above_usd: Usd


class HandoffSettings(Record):
    """Runs that a person makes elsewhere, as in Midjourney."""

    lapses_after_h: Annotated[float, Field(ge=1.0, le=8760.0, allow_inf_nan=False)]
    """How long one waits for its pictures before it is ended; it can be handed over again."""


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class ReviewSettings(Record):
    """The daily digest of what waits for a decision."""

    digest: Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$")]
    """The time of day at which the channel is told; empty: never."""
    channel: Annotated[str, Field(pattern=r"^((slack|discord):[\w-]{1,40}:[\w-]{1,40})?$")]
    """Which channel: ``slack:T1:C123``, ``discord:9:42``; admins name others in chat."""
    days: tuple[Weekday, ...]
    """On which days, here and where admins said so in chat."""
    timezone: str
    """Whose time of day and days these are: ``Europe/Berlin``."""
    empty: bool
    """Whether it also comes when nothing waits."""

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ValueError, OSError, ZoneInfoNotFoundError) as error:
            raise ValueError(f"{name!r} is no time zone: UTC, Europe/Berlin, …") from error
        return name

    @property
    def place(self) -> Place | None:
        """The channel, if one is told."""
        if not (self.digest and self.channel):
            return None
        surface, workspace, channel = self.channel.split(":")
        return Place(surface=surface, workspace=workspace, channel=channel)


class ConsoleSettings(Record):
    """Where the console is served."""

    host: str
    port: Annotated[int, Field(ge=0, le=65535)]


class ConcurrencySettings(Record):
    """How much is done at once."""

    pixel_workers: Count
    per_provider: Count
    at_once: dict[ProviderName, Count] = Field(default_factory=dict)
    """Other numbers than ``per_provider``, by provider: `{ bfl = 20 }`."""
    per_minute: dict[ProviderName, Rate] = Field(default_factory=dict)
    """How many calls a minute a provider takes; those that are not named have no limit here."""


class ScoringSettings(Record):
    """Which weights measure fit, and the thresholds."""

    weights: Annotated[str, Field(pattern=r"^[a-z0-9][\w.-]{0,80}$")]
    """By name, as `ai-handler weights list` has them; sketch-small is the one that ships."""
    engine: Literal["auto", "onnx", "torch"]
    """What runs them; auto: ONNX Runtime where they were exported, else torch."""
    hub_url: Annotated[str, Field(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")]
    """Where `ai-handler weights pull` asks for weights, and nothing else ever does."""
    pixels: PixelPolicy
    fit: FitPolicy
    extras: ExtrasPolicy
    calibration: CalibrationPolicy
    tasks: dict[TaskType, dict[ThresholdName, float]] = Field(default_factory=dict)
    """Other thresholds for a task type: `character = { border_fraction = 0.1 }`."""
    targets: dict[TargetName, dict[ThresholdName, float]] = Field(default_factory=dict)
    """Other thresholds for a target, over those of its task type."""

    @field_validator("tasks", "targets")
    @classmethod
    def _thresholds_are_known(cls, named: dict[str, dict[str, float]]) -> dict[str, Any]:
        for name, changes in named.items():
            try:
                Policy().changed(changes)
            except ValidationError as error:
                first = error.errors()[0]
                what = first["loc"][-1] if first["loc"] else "?"
                raise ValueError(f"{name}: {what}: {first['msg']}") from error
        return named

    def policy(self, task: TaskType | None = None, target: str = "") -> Policy:
        """Return the thresholds for a task type and a target."""
        plain = Policy(pixels=self.pixels, fit=self.fit, extras=self.extras)
        for_task = self.tasks.get(task, {}) if task else {}
        return plain.changed(for_task | self.targets.get(target, {}))


class ChatSettings(Record):
    """How the bot behaves on every chat platform."""

    notify: Literal["slow", "always", "never"]
    """When the one who asked is called by name at the end: slow runs are those over 30 s."""
    vote_reactions: bool
    """Whether the bot puts 1️⃣ to 4️⃣ under a grid, so that a vote is one tap."""
    max_file_bytes: Annotated[int, Field(ge=50_000, le=1_000_000_000)]
    """Of a picture or zip; what is larger goes as a preview, with the way to the original."""


class SlackSettings(Record):
    """The app in Slack; its tokens come from the environment."""

    command: Annotated[str, Field(pattern=r"^/[a-z0-9_-]{1,31}$")]
    """The slash command: names are not kept apart between apps, the last installed wins."""
    mode: Literal["socket", "http"]
    """``socket``: Slack is called, no public address is needed. ``http``: Slack calls."""
    bot_token: SecretStr | None = None
    """The bot's own, ``xoxb-…``; with it the app is connected."""
    app_token: SecretStr | None = None
    """Only for ``socket``: the app-level one, ``xapp-…``."""
    signing_secret: SecretStr | None = None
    """Only for ``http``: proves that Slack is who calls."""
    api_url: str = "https://slack.com/api/"
    """Where Slack's Web API answers."""

    @property
    def on(self) -> bool:
        """Whether it is connected: a bot token is set."""
        return self.bot_token is not None

    @property
    def missing(self) -> str:
        """The variable that the mode needs and that is not set; empty if none is."""
        if self.mode == "http":
            return "" if self.signing_secret else "SLACK_SIGNING_SECRET"
        return "" if self.app_token else "SLACK_APP_TOKEN"


class DiscordSettings(Record):
    """The app on Discord; its token comes from the environment."""

    message_content: bool
    """Whether plain replies in threads are read: a privileged intent, switched on in the portal.
    Without it mentions, buttons and commands still work."""
    sync_guild: str
    """A server's id: commands are registered there at once, not everywhere; for trying out."""
    token: SecretStr | None = None
    """The bot's own; with it the app is connected."""
    api_url: str = "https://discord.com/api/v10"
    """Where Discord's REST interface answers."""
    gateway_url: str = ""
    """Where its gateway is; empty: as Discord says."""

    @property
    def on(self) -> bool:
        """Whether it is connected: a token is set."""
        return self.token is not None


class ChecklistSettings(Record):
    """What a team demands of every run, before it is made."""

    mandatory: tuple[MandatoryItem, ...]
    """Items of the checklist without which nothing is made: task, segments, references, strength,
    negatives, format."""


class DiffusersSettings(Record):
    """Models on this machine: the ``[diffusers]`` extra."""

    folder: str
    """Where models and LoRA of the team's own lie; empty: a card names whole paths, and LoRA come
    from the hub alone."""
    downloads: bool
    """Whether weights that are not here are fetched from the Hugging Face hub: many GB."""
    device: Annotated[str, Field(pattern=r"^(auto|cpu|mps|cuda(:\d{1,2})?)$")]
    """What is worked on; ``auto``: CUDA, else Apple's GPU, else the CPU."""
    idle_s: Annotated[float, Field(ge=1.0, le=86_400.0)]
    """Seconds after the last picture after which the process ends and gives its memory back."""


class Account(Record):
    """A vendor's key and address."""

    api_key: SecretStr | None = None
    """The key; with it the models of this vendor are on."""
    base_url: str
    """Where the vendor answers: a proxy, or a server of one's own."""
    headers: SecretStr | None = None
    """Headers for every call to it, as `Name: value; Name: value`: what lets us in at a proxy."""
    folder: str = ""
    """The folder of the team's own workflows; those that ship are found without it."""


class Endpoint(Record):
    """A server of a name of its own that speaks OpenAI's images API: `[endpoints.NAME]`."""

    base_url: Annotated[str, Field(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")]
    """Where it answers, as OpenAI's SDK would be told: `https://…/v1`."""
    key: Annotated[str, Field(pattern=r"^([A-Z][A-Z0-9_]*)?$")] = ""
    """The environment variable that holds its key; empty: it wants none."""

    @property
    def is_open(self) -> bool:
        """Whether what is sent can be read on the way: no TLS, and not this machine."""
        address = urlsplit(self.base_url)
        return address.scheme == "http" and address.hostname not in LOOPBACK


EndpointName = Annotated[str, Field(pattern=r"^[a-z]{2,20}$")]


class Settings(Record):
    """Everything that can be set, checked."""

    data_dir: Path
    """Where the log, the pictures and the lock lie."""
    limits: LimitSettings
    approvals: ApprovalPolicy
    handoff: HandoffSettings
    review: ReviewSettings
    console: ConsoleSettings
    concurrency: ConcurrencySettings
    scoring: ScoringSettings
    checklist: ChecklistSettings
    chat: ChatSettings
    slack: SlackSettings
    discord: DiscordSettings
    diffusers: DiffusersSettings
    public_url: str = ""
    """Where Slack reaches this service in ``http`` mode: https://…; empty: nowhere."""
    accounts: dict[str, Account]
    endpoints: dict[EndpointName, Endpoint] = Field(default_factory=dict)
    """Servers that speak OpenAI's images API; their models are ``[[model]]`` tables."""
    brief: Writing
    """Who writes prompts from a brief."""
    targets: dict[TargetName, Target] = Field(default_factory=dict)
    """Where images go (`--target NAME`): those that ship, and a team's own over them."""
    routes: dict[TaskType, tuple[ModelId, ...]] = Field(default_factory=dict)
    """The models of a task type, the preferred one first, in the place of those that ship."""
    preprocessors: dict[ControlKind, ModelId] = Field(default_factory=dict)
    """The model that makes a control's map from a photo, by kind: a workflow of ComfyUI."""
    own_models: tuple[ModelCard, ...] = ()
    """The team's ``[[model]]`` tables: shipped ones changed, and new ones."""
