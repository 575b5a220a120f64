"""Every kind of line that people, buttons and reactions can say, as data; and who said it."""

from typing import Annotated, Literal

from pydantic import Field

from domain.asked import Attach, RunName
from domain.axis import Axis
from domain.bundle import Characters, Houses, Loras
from domain.draft import MAX_DRAFTS
from domain.flags import NO_FLAGS, Flags
from domain.questions import Approvers, Digest, Find, Help, Info, Queue, Review
from domain.record import Record
from domain.spec import (
    MAX_COUNT,
    Margins,
    SegmentName,
    Segments,
    TaskType,
    Weight,
)
from domain.template import Templates

Number = Annotated[int, Field(ge=1, le=MAX_COUNT)]
"""The number of a tile, as drawn on the grid: 1 to 8."""


class SegmentEdit(Record):
    """A change of one segment that leaves the other four byte-equal."""

    segment: SegmentName
    action: Literal["replace", "append", "remove", "more", "less"]
    """``style: X`` · ``style: + X`` · ``style: - X`` · ``style: more X`` · ``style: less X``."""
    text: str
    weight: Weight | None = None
    """Only with ``replace``: a weight given by ``::2``."""


class _OfRun(Record):
    """A line about a run; None: the newest of its thread."""

    run: RunName | None = None


class _Making(_OfRun):
    """A line that makes a child of a run."""

    flags: Flags = NO_FLAGS


class Imagine(Record):
    """Make images from a prompt."""

    kind: Literal["imagine"] = "imagine"
    segments: Segments
    flags: Flags = NO_FLAGS


class Edit(_Making):
    """Change segments or flags of a run, keep its seeds: makes a child."""

    kind: Literal["edit"] = "edit"
    edits: tuple[SegmentEdit, ...] = ()


class Branch(_Making):
    """Go on from one artwork: its seed, or its picture as the init image."""

    kind: Literal["branch"] = "branch"
    number: Number
    edits: tuple[SegmentEdit, ...] = ()


class Use(_Making):
    """Make images from one of the prompts that were written from a brief."""

    kind: Literal["use"] = "use"
    number: Annotated[int, Field(ge=1, le=MAX_DRAFTS)]
    edits: tuple[SegmentEdit, ...] = ()


class Reroll(_Making):
    """The same again with fresh seeds."""

    kind: Literal["reroll"] = "reroll"


class Again(_Making):
    """The same again with the same seeds."""

    kind: Literal["again"] = "again"


class Undo(_Making):
    """Take back the last change: the spec and seeds from before it, as a child."""

    kind: Literal["undo"] = "undo"


class Rework(_Making):
    """Make one image larger, wider or free of its background: an unapproved child."""

    kind: Literal["upscale", "extend", "cutout"]
    number: Number
    margins: Margins = Margins()
    """With ``extend``: how much is added on each side."""


class Pick(_OfRun):
    """Vote for a tile and have its original posted; the same again withdraws."""

    kind: Literal["pick"] = "pick"
    number: Number
    blind: bool = False
    """It was picked without knowing which it is: what the buttons of a blind look say."""


class Unpick(_OfRun):
    """Withdraw one's pick of a tile."""

    kind: Literal["unpick"] = "unpick"
    number: Number


class Rate(_OfRun):
    """Say an opinion of one artwork: 👍, 👎 or one to five stars; ``none`` withdraws it."""

    kind: Literal["rate"] = "rate"
    number: Number
    value: Literal["up", "down", "1", "2", "3", "4", "5", "none"]


class Favourite(_OfRun):
    """Keep an artwork in one's favourites, or take it out."""

    kind: Literal["favourite"] = "favourite"
    number: Number
    on: bool = True


class Approve(_OfRun):
    """Decide that an artwork is good to ship; without a number, the tile this person picked."""

    kind: Literal["approve"] = "approve"
    number: Number | None = None
    first: bool = False
    """Only if nobody else has decided before: what the review queue says."""


class Reject(_OfRun):
    """Decide that an artwork is not good to ship."""

    kind: Literal["reject"] = "reject"
    number: Number | None = None
    reason: str = ""
    """Names of reasons and own words, with commas between them."""
    first: bool = False


class Withdraw(_OfRun):
    """Take back one's own decision on an artwork; without a number, the last one on the run."""

    kind: Literal["withdraw"] = "withdraw"
    number: Number | None = None


class Restore(_OfRun):
    """Bring back a tile that triage folded."""

    kind: Literal["restore"] = "restore"
    number: Number


class SetBaseline(_OfRun):
    """Make a run what later ones of its thread are compared with."""

    kind: Literal["baseline"] = "baseline"


class Compare(_OfRun):
    """Show what differs between two runs; by default a run and its baseline."""

    kind: Literal["compare"] = "compare"
    other: RunName | None = None


class Ranking(_OfRun):
    """Rank the images of a thread by votes."""

    kind: Literal["ranking"] = "ranking"


class Blind(_OfRun):
    """Look at a run, or at two, without knowing which picture is which, until one has voted."""

    kind: Literal["blind"] = "blind"
    other: RunName | None = None


class History(_OfRun):
    """Show every change of a run's spec along its line of descent, word by word."""

    kind: Literal["history"] = "history"


class Checklist(_OfRun):
    """Show what a run has and lacks of what a production team does."""

    kind: Literal["checklist"] = "checklist"


class Cancel(_OfRun):
    """Stop a run that waits or is under way; of several runs under one card all of them."""

    kind: Literal["cancel"] = "cancel"
    rest: bool = False
    """Only what has not begun (``--rest``): what is under way is finished."""


class Retry(_OfRun):
    """Make what a failed run did not; artworks that exist are kept."""

    kind: Literal["retry"] = "retry"


class Promote(_OfRun):
    """Choose a run of a family: it gets a card of its own."""

    kind: Literal["promote"] = "promote"


class SetRoute(Record):
    """Make a model the first choice for a task type, in the channel where it is said."""

    kind: Literal["route"] = "route"
    task: TaskType
    model: str | None = None
    """None goes back to the table that everybody has."""


class Details(_OfRun):
    """Show every parameter of a run."""

    kind: Literal["details"] = "details"


class Export(_OfRun):
    """Hand out approved originals with everything needed to make them again."""

    kind: Literal["export"] = "export"
    everything: bool = False
    """Also what is not approved (``--all``)."""


class TakeDown(_OfRun):
    """Take a run's picture and text off the platform; the record stays."""

    kind: Literal["takedown"] = "takedown"


class Assign(_OfRun):
    """Ask somebody to look at an artwork; without a number, at all of a run that wait."""

    kind: Literal["assign"] = "assign"
    who: Annotated[str, Field(max_length=140)] = "me"
    """``me``, ``@name`` as it is typed on the console, or ``surface:workspace:id``."""
    number: Number | None = None


class Unassign(_OfRun):
    """Ask nobody any more."""

    kind: Literal["unassign"] = "unassign"
    number: Number | None = None


class Status(_OfRun):
    """Say how a run is doing."""

    kind: Literal["status"] = "status"


class Show(_OfRun):
    """Show a run here, to the one who asks."""

    kind: Literal["show"] = "show"


Cell = Annotated[Imagine | Edit | Branch | Use | Reroll | Again, Field(discriminator="kind")]


class Permuted(Record):
    """One line that stands for several: ``{a, b}`` in its words, flags or values."""

    kind: Literal["permuted"] = "permuted"
    pattern: str
    """The line with its groups in braces, verb first."""
    cells: tuple[Cell, ...]
    """What each of its lines says, in order: the last group turns fastest."""
    axes: tuple[Axis, ...]

    @property
    def first(self) -> Cell:
        """The first of its lines; what the line as a whole is about is the same in all."""
        return self.cells[0]


Command = Annotated[
    Imagine
    | Permuted
    | Edit
    | Branch
    | Use
    | Reroll
    | Again
    | Undo
    | Rework
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
    | History
    | Checklist
    | Ranking
    | Blind
    | Cancel
    | Retry
    | Promote
    | SetRoute
    | Details
    | Attach
    | Export
    | TakeDown
    | Review
    | Assign
    | Unassign
    | Digest
    | Queue
    | Status
    | Show
    | Find
    | Info
    | Approvers
    | Templates
    | Loras
    | Houses
    | Characters
    | Help,
    Field(discriminator="kind"),
]
