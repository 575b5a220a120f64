"""Every kind of line that people, buttons and reactions can say, as data; and who said it."""

from typing import Annotated, Final, Literal

from pydantic import Field

from domain.record import Fraction, Moment, Record, Seed
from domain.spec import MAX_COUNT, AspectRatio, SegmentName, Segments, TaskType, Weight

Number = Annotated[int, Field(ge=1, le=MAX_COUNT)]
"""The number of a tile, as drawn on the grid: 1 to 8."""
RunName = Annotated[str, Field(pattern=r"^(r[1-9][0-9]{0,5}|[0-9A-HJKMNP-TV-Z]{26})$")]
"""A run as people name it: ``r2`` in its thread, or its ULID."""


class Flags(Record):
    """What flags ask for; None means not given."""

    task: TaskType | None = None
    model: str | None = None
    count: Annotated[int, Field(ge=1, le=MAX_COUNT)] | None = None
    seed: Seed | Literal["keep", "random"] | None = None
    aspect_ratio: AspectRatio | None = None
    steps: Annotated[int, Field(ge=1, le=150)] | None = None
    cfg_scale: Annotated[float, Field(ge=0.0, le=50.0, allow_inf_nan=False)] | None = None
    no: tuple[str, ...] = ()
    """Things to keep out, in the order given; ``--no`` is repeatable and accumulates."""
    init_image: str | None = None
    """A file's path, ``sha256:…``, or the name of an attachment."""
    mask: str | None = None
    denoising_strength: Fraction | None = None
    brief: str | None = None
    baseline: RunName | None = None
    target: str | None = None
    max_cost_usd: Annotated[float, Field(ge=0.0, allow_inf_nan=False)] | None = None
    dry_run: bool = False


NO_FLAGS: Final = Flags()


class SegmentEdit(Record):
    """A change of one segment that leaves the other four byte-equal."""

    segment: SegmentName
    action: Literal["replace", "append", "remove", "more", "less"]
    """``style: X`` · ``style: + X`` · ``style: - X`` · ``style: more X`` · ``style: less X``."""
    text: str
    weight: Weight | None = None
    """Only with ``replace``: a weight given by ``::2``."""


class Imagine(Record):
    """Make images from a prompt."""

    kind: Literal["imagine"] = "imagine"
    segments: Segments
    flags: Flags = NO_FLAGS


class Edit(Record):
    """Change segments or flags of a run, keep its seeds: makes a child."""

    kind: Literal["edit"] = "edit"
    edits: tuple[SegmentEdit, ...] = ()
    flags: Flags = NO_FLAGS
    run: RunName | None = None


class Branch(Record):
    """Go on from one artwork: its seed, or its picture as the init image."""

    kind: Literal["branch"] = "branch"
    number: Number
    edits: tuple[SegmentEdit, ...] = ()
    flags: Flags = NO_FLAGS
    run: RunName | None = None


class Reroll(Record):
    """The same again with fresh seeds."""

    kind: Literal["reroll"] = "reroll"
    flags: Flags = NO_FLAGS
    run: RunName | None = None


class Again(Record):
    """The same again with the same seeds."""

    kind: Literal["again"] = "again"
    flags: Flags = NO_FLAGS
    run: RunName | None = None


class Pick(Record):
    """Vote for a tile and have its original posted; the same again withdraws."""

    kind: Literal["pick"] = "pick"
    number: Number
    run: RunName | None = None


class Unpick(Record):
    """Withdraw one's pick of a tile."""

    kind: Literal["unpick"] = "unpick"
    number: Number
    run: RunName | None = None


class Rate(Record):
    """Say an opinion of one artwork: 👍, 👎 or one to five stars; ``none`` withdraws it."""

    kind: Literal["rate"] = "rate"
    number: Number
    value: Literal["up", "down", "1", "2", "3", "4", "5", "none"]
    run: RunName | None = None


class Favourite(Record):
    """Keep an artwork in one's favourites, or take it out."""

    kind: Literal["favourite"] = "favourite"
    number: Number
    on: bool = True
    run: RunName | None = None


class Approve(Record):
    """Decide that an artwork is good to ship; without a number, the tile this person picked."""

    kind: Literal["approve"] = "approve"
    number: Number | None = None
    run: RunName | None = None


class Reject(Record):
    """Decide that an artwork is not good to ship."""

    kind: Literal["reject"] = "reject"
    number: Number | None = None
    reason: str = ""
    run: RunName | None = None


class Withdraw(Record):
    """Take back one's own decision on an artwork; without a number, the last one on the run."""

    kind: Literal["withdraw"] = "withdraw"
    number: Number | None = None
    run: RunName | None = None


class Restore(Record):
    """Bring back a tile that triage folded."""

    kind: Literal["restore"] = "restore"
    number: Number
    run: RunName | None = None


class SetBaseline(Record):
    """Make a run what later ones of its thread are compared with."""

    kind: Literal["baseline"] = "baseline"
    run: RunName | None = None


class Compare(Record):
    """Show what differs between two runs; by default a run and its baseline."""

    kind: Literal["compare"] = "compare"
    run: RunName | None = None
    other: RunName | None = None


class Cancel(Record):
    """Stop a run that waits or is under way."""

    kind: Literal["cancel"] = "cancel"
    run: RunName | None = None


class Retry(Record):
    """Make what a failed run did not; artworks that exist are kept."""

    kind: Literal["retry"] = "retry"
    run: RunName | None = None


class Details(Record):
    """Show every parameter of a run."""

    kind: Literal["details"] = "details"
    run: RunName | None = None


class Export(Record):
    """Hand out approved originals with everything needed to make them again."""

    kind: Literal["export"] = "export"
    everything: bool = False
    """Also what is not approved (``--all``)."""
    run: RunName | None = None


class TakeDown(Record):
    """Take a run's picture and text off the platform; the record stays."""

    kind: Literal["takedown"] = "takedown"
    run: RunName | None = None


class Review(Record):
    """Show what triage left to people, one by one."""

    kind: Literal["review"] = "review"
    after: Annotated[str, Field(pattern=r"^([0-9A-HJKMNP-TV-Z]{26}/[1-8])?$")] = ""
    """The artwork after which to go on, as ``RUN/NUMBER``; empty begins with the newest."""


class Queue(Record):
    """Show what runs and what waits."""

    kind: Literal["queue"] = "queue"


class Status(Record):
    """Say how a run is doing."""

    kind: Literal["status"] = "status"
    run: RunName | None = None


class Show(Record):
    """Show a run here, to the one who asks."""

    kind: Literal["show"] = "show"
    run: RunName | None = None


class Find(Record):
    """Find earlier runs by words."""

    kind: Literal["find"] = "find"
    words: str


class Info(Record):
    """Show a person's limits, and what is left of them."""

    kind: Literal["info"] = "info"


class Approvers(Record):
    """Show or change who may approve."""

    kind: Literal["approvers"] = "approvers"
    action: Literal["list", "add", "remove"] = "list"
    who: tuple[str, ...] = ()
    """``surface:workspace:id``, as the adapter made of the names that were picked."""


class Help(Record):
    """Show what can be said, as a whole or of one verb."""

    kind: Literal["help"] = "help"
    topic: str = ""


Command = Annotated[
    Imagine
    | Edit
    | Branch
    | Reroll
    | Again
    | Pick
    | Unpick
    | Rate
    | Favourite
    | Approve
    | Reject
    | Withdraw
    | Restore
    | SetBaseline
    | Compare
    | Cancel
    | Retry
    | Details
    | Export
    | TakeDown
    | Review
    | Queue
    | Status
    | Show
    | Find
    | Info
    | Approvers
    | Help,
    Field(discriminator="kind"),
]


class Person(Record):
    """Someone on a surface. ``id`` is the platform's; on the console it is the typed name."""

    surface: str
    workspace: str
    id: str
    name: str


class Place(Record):
    """Where a conversation lives; ``thread`` is None for what stands in the channel itself."""

    surface: str
    workspace: str
    channel: str
    thread: str | None = None
    """The first run of the thread, whatever the platform calls the thread."""
    topic: str | None = None
    """The platform's own thread in which it began, where that is none of ours."""


class Attachment(Record):
    """A file that came with a line: fetched when the line is done, not when it is heard."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,40}$")]
    """Ours, as the line names it: ``picture1``."""
    url: str
    size_bytes: int


class Event(Record):
    """One addressed line, with the key that makes its redelivery harmless."""

    key: str
    at: Moment
    person: Person
    place: Place
    line: str
    """The canonical line of the command (``render``), as stored in the inbox."""
    heard: Literal["channel", "thread"] = "channel"
    """As what the line is read: the same words mean less in a channel than in a thread."""
    about_run: str | None = None
    """The run of the card that this answers, if any."""
    confirmed: bool = False
    """The person said yes to the price or the doubt (``--yes``, or the button that asked)."""
    attachments: tuple[Attachment, ...] = ()
    """Dropped from the inbox once the line is done: such addresses may hold a signature."""
    names: dict[str, str] = {}  # noqa: RUF012  pydantic copies a field's default
    """What people and groups that the line names are called: ``slack:T1:U2`` is ``@Ana``."""
