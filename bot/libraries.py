"""The team's libraries, each on a shelf: lines about them, and names that lines take from them."""

from dataclasses import dataclass
from typing import Protocol, TypeVar, cast

from bot.answers import Answer, Said
from domain.command import Again, Branch, Edit, Imagine, Permuted, Reroll, Rework, Use
from domain.event import Event
from domain.shelf import ShelfLine

Made = Imagine | Edit | Branch | Use | Reroll | Again | Rework
"""One line that makes one run."""
_Line = TypeVar("_Line", bound=Made | Permuted)


class Shelf(Protocol):
    """One library."""

    lines: tuple[type[ShelfLine], ...]
    """The kinds of lines that it answers and carries out."""

    async def answer(self, command: ShelfLine, said: Said, /) -> Answer:
        """Answer a line that changes nothing.

        Raises:
            HandlerError: What it asks about is not there.
        """
        ...

    async def change(self, event: Event, command: ShelfLine, /) -> Answer:
        """Carry out a line; the same event again changes nothing more and answers alike.

        Raises:
            HandlerError: It cannot be done; nothing was changed.
        """
        ...

    async def resolved(self, event: Event, made: Made, /) -> Made:
        """Return a line that makes a run with what it takes from this library put in.

        Raises:
            HandlerError: It names what is not there, or may not be used.
        """
        ...


@dataclass(frozen=True, slots=True)
class Libraries:
    """Every shelf, in the order in which a line is filled from them."""

    shelves: tuple[Shelf, ...] = ()

    async def answer(self, command: ShelfLine, said: Said) -> Answer:
        """Answer a line about a library that changes nothing."""
        return await self._of(command).answer(command, said)

    async def change(self, event: Event, command: ShelfLine) -> Answer:
        """Carry out a line about a library."""
        return await self._of(command).change(event, command)

    async def resolved(self, event: Event, command: _Line) -> _Line:
        """Return a line with what it takes from the libraries put in, before it is planned.

        Raises:
            HandlerError: It names what is not there, or may not be used.
        """
        if isinstance(command, Permuted):
            cells = [await self._filled(event, cell) for cell in command.cells]
            return command.model_copy(update={"cells": tuple(cells)})
        return cast("_Line", await self._filled(event, command))  # a line stays of its kind

    async def _filled(self, event: Event, made: Made) -> Made:
        for shelf in self.shelves:
            made = await shelf.resolved(event, made)
        return made

    def _of(self, command: ShelfLine) -> Shelf:
        return next(one for one in self.shelves if isinstance(command, one.lines))
