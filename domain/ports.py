"""What a room needs from another, as protocols; ``bot/app.py`` hands in the real things."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, ParamSpec, Protocol, TypeVar, runtime_checkable

from pydantic import Field

from domain.draft import Drafted, Drafts, Writing
from domain.judging import Explained
from domain.model import ModelCard, Parameters
from domain.record import Fraction, Moment, Record, Seed
from domain.run import Artwork, Failure, Run, RunState, Verdict
from domain.spec import Digest, Segments

P = ParamSpec("P")
T = TypeVar("T")
Kind = TypeVar("Kind", bound=Record)


# --- the world: time, chance, pixels -------------------------------------------------------------


class Clock(Protocol):
    """The time, handed in."""

    def now(self) -> datetime:
        """Return the aware UTC time."""

    def monotonic_s(self) -> float:
        """Return seconds on a clock that only goes forward."""

    async def sleep(self, delay_s: float) -> None:
        """Wait that long."""


class Chance(Protocol):
    """Ids and seeds, handed in."""

    def ulid(self) -> str:
        """Return a new ULID, later than the last."""

    def seed(self) -> int:
        """Return a random seed in [0, 2**32 - 1]."""


class Pixels(Protocol):
    """The pool of processes in which pixels are worked on; never the event loop, never a thread."""

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a top-level function in the pool; arguments and result are pickled."""


class Steps(Protocol):
    """Durable steps: what a step returned once, it returns again after a crash."""

    async def once(
        self, name: str, call: Callable[[], Coroutine[Any, Any, Kind]], kind: type[Kind]
    ) -> Kind:
        """Run *call* unless a step of this name has already ended in this workflow.

        An expected failure is a value in *kind*; an exception is our fault and ends the run.
        """


# --- providers -----------------------------------------------------------------------------------


def _to_nobody(_progress: float) -> None:
    """Tell nobody."""


def _unseen(_preview: bytes) -> None:
    """Show it to nobody."""


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """One image to make: one request to a vendor."""

    key: str
    """Ours, the same whenever the same image is asked for again after a crash."""
    card: ModelCard
    parameters: Parameters
    """Resolved for this one image: ``count`` is 1, ``seed`` its own."""
    segments: Segments
    init_image: bytes | None = None
    mask: bytes | None = None
    """White is repainted."""
    controls: tuple[bytes, ...] = ()
    """As they are sent, maps made already; in the order of ``parameters.controls``."""
    references: tuple[bytes, ...] = ()
    """In the order of ``parameters.references``."""
    webhook_url: str = ""
    """Where the vendor may tell of the job; empty: it is asked."""
    progressed: Callable[[float], None] = field(default=_to_nobody, compare=False, repr=False)
    """For a call that blocks: to be told how far it is, in [0, 1]."""
    previewed: Callable[[bytes], None] = field(default=_unseen, compare=False, repr=False)
    """For a call that blocks: to be handed the unfinished picture, as a picture file."""


class Job(Record):
    """A vendor's own name for a job it has accepted; stored before it is waited for."""

    ref: str


class Output(Record):
    """Where a finished job's picture is to be had, and what the vendor said of it."""

    url: str
    cost_usd: float | None = None
    """As the vendor reported it; None if it did not."""
    seed: Seed | None = None
    """As the vendor reported it; None if it did not."""
    model_version: str | None = None


class JobState(Record):
    """How far a job is."""

    phase: Literal["warming", "queued", "running", "done", "cancelled"]
    """``warming``: the vendor's machine starts; that time is not the job's."""
    progress: Fraction | None = None
    output: Output | None = None
    """Given when ``phase`` is ``done``."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """One picture, as the vendor's bytes, with what the vendor said of it."""

    data: bytes
    cost_usd: float | None = None
    seed: int | None = None
    model_version: str | None = None
    request_id: str | None = None
    notes: tuple[str, ...] = ()
    """What the maker has to say about it in words ("could not draw: gravitas")."""


class BlockingProvider(Protocol):
    """A vendor that answers a create call with the picture."""

    name: str
    answers: Literal["blocking"]

    def payload(self, request: ImageRequest) -> dict[str, Any]:
        """Return what would be sent, as JSON values; pictures stand as ``sha256:…``."""

    async def make(self, request: ImageRequest) -> Delivered:
        """Make one picture.

        Raises:
            ProviderError: Any failure, mapped; no exception of an SDK comes through.
        """

    async def close(self) -> None:
        """Give back connections."""


class PolledProvider(Protocol):
    """A vendor that accepts a job, and is asked after it."""

    name: str
    answers: Literal["polled"]

    def payload(self, request: ImageRequest) -> dict[str, Any]:
        """Return what would be sent, as JSON values; pictures stand as ``sha256:…``."""

    async def submit(self, request: ImageRequest) -> Job:
        """Create the job; this is the call that is billed.

        Raises:
            ProviderError: Any failure, mapped; ``UnavailableError.maybe_billed`` tells whether the
                request may have arrived.
        """

    async def find(self, request: ImageRequest, since: datetime) -> Job | None:
        """Ask the vendor for a job that *request* made after *since*; None if there is none."""

    async def poll(self, job: Job) -> JobState:
        """Ask how far the job is; a job that failed raises what it failed of."""

    async def cancel(self, job: Job) -> None:
        """Stop the job; harmless if it has ended."""

    async def fetch(self, output: Output) -> Delivered:
        """Fetch the picture: no redirects to other hosts, no token sent to where outputs lie."""

    async def close(self) -> None:
        """Give back connections."""


Provider = BlockingProvider | PolledProvider


@runtime_checkable
class Warming(Protocol):
    """A provider whose machine may have to start first: a cold start is not the job's time."""

    async def warm(self) -> None:
        """Return once the machine answers.

        Raises:
            ProviderError: It does not start, or refuses us.
        """


@runtime_checkable
class Previewing(Protocol):
    """A provider that shows a picture while it is made."""

    def preview(self, job: Job) -> bytes:
        """Return the newest preview of a job, as a picture file; empty if there is none."""


@runtime_checkable
class Hearing(Protocol):
    """A provider that may tell of its jobs, where this service has a public address."""

    def heard(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Job:
        """Return the job that a webhook tells of; it is then asked after.

        Raises:
            ForbiddenError: The signature is not the vendor's, or older than five minutes.
        """


# --- memory --------------------------------------------------------------------------------------


class Vote(Record):
    """One person's standing opinion of one artwork."""

    number: int
    person_key: str
    name: str
    kind: Literal["pick", "rate", "favourite"]
    value: Fraction
    at: Moment


class Attempt(Record):
    """One call that may cost money, as far as it is known to have come."""

    key: str
    state: Literal["intent", "submitted", "stored", "refused", "down", "unknown", "cancelled"]
    opened_at: Moment
    fresh: bool = False
    """True for the one caller that has just opened it."""
    job: Job | None = None
    receipt: "Receipt | None" = None
    message: str = ""


class Receipt(Record):
    """What a paid call brought: the file, and what the vendor said of it."""

    digest: Digest
    media_type: str
    size_bytes: int
    width: int
    height: int
    cost_usd: float | None = None
    seed: Seed | None = None
    model_version: str | None = None
    request_id: str | None = None
    notes: tuple[str, ...] = ()


class ArtifactStore(Protocol):
    """Files by content; never altered."""

    async def put(self, data: bytes, media_type: str) -> Digest:
        """Store *data* for good and return its digest."""

    async def get(self, digest: Digest) -> bytes:
        """Return the bytes of a digest, or raise ``NotFoundError``."""


class Attempts(Protocol):
    """The truth about money: an intent before each paid call, a receipt after it."""

    async def open(self, key: str, run: Run, number: int, payload: dict[str, Any]) -> Attempt:
        """Write the intent, or return what is known of an attempt that was opened before."""

    async def submitted(self, key: str, job: Job) -> None:
        """Store the vendor's name for the job."""

    async def stored(self, key: str, receipt: Receipt) -> None:
        """Store the receipt, and settle its cost."""

    async def closed(self, key: str, state: str, message: str) -> None:
        """Store that it ended without a picture."""


class RunLog(Protocol):
    """What the road reads and writes of a run; every write also plans its card anew."""

    async def run(self, run_id: str) -> Run:
        """Return a run, or raise ``NotFoundError``."""

    async def begin(self, run_id: str) -> Run:
        """Mark a run as running (once) and return it."""

    async def reach(self, run_id: str, stage: str) -> None:
        """Note that a running run came to a stage of the road."""

    async def keep(self, run_id: str, artwork: Artwork) -> None:
        """Add an artwork; the same again changes nothing."""

    async def end(self, run_id: str, ending: "Ending") -> None:
        """Write verdicts, scores, grid, cost and the final state."""


class Writer(Protocol):
    """Who writes prompts from a brief."""

    writing: Writing

    def payload(self, brief: str) -> dict[str, Any]:
        """Return what would be sent, as JSON values."""

    async def write(self, brief: str) -> Drafted:
        """Write prompts; this is the call that is billed.

        Raises:
            ProviderError: Any failure, mapped.
        """

    async def close(self) -> None:
        """Give back connections."""


class Judged(Record):
    """What scoring and triage say of one artwork."""

    number: int
    verdict: Verdict
    reasons: tuple[str, ...]
    scores: dict[str, float]
    version: str
    explained: Explained | None = None
    """What the verdict came of; None for runs that were scored before that was kept."""
    phash: str = ""
    """Perceptual hash, 16 hexadecimal digits; empty if nothing was measured."""


class Ending(Record):
    """How a run ended."""

    state: RunState
    judged: tuple[Judged, ...] = ()
    failures: tuple[Failure, ...] = ()
    error: Failure | None = None
    grid: Digest | None = None
    timings_s: dict[str, float] = Field(default_factory=dict)
    drafts: Drafts = ()
    """Prompts that were written from a brief."""
    model_version: str | None = None
