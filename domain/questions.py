"""Lines about no run in particular: what waits, who may approve, what can be said."""

from typing import Annotated, Literal

from pydantic import Field

from domain.record import Record

Order = Literal["close", "disagree", "age"]
"""Of the review queue: the closest call first, the widest disagreement, or the oldest."""


class Review(Record):
    """Show what triage left to people, one by one."""

    kind: Literal["review"] = "review"
    by: Order = "age"
    mine: bool = False
    """Only what is assigned to the one who asks."""
    after: Annotated[str, Field(pattern=r"^([0-9A-HJKMNP-TV-Z]{26}/[1-8])?$")] = ""
    """The artwork after which to go on, as ``RUN/NUMBER``; empty begins with the first."""


class Digest(Record):
    """Show what waits at a glance, or have it told in a channel once a day."""

    kind: Literal["digest"] = "digest"
    action: Literal["show", "here", "off"] = "show"
    at: Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$")] = ""
    """The local time of day, with ``here``."""
    empty: bool = False
    """Also when nothing waits."""


class Queue(Record):
    """Show what runs and what waits."""

    kind: Literal["queue"] = "queue"


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
