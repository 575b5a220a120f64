"""One line that stands for several runs: what is the same in all of them, and what is not."""

from dataclasses import dataclass, field

from domain.command import Cell, Permuted, Rework
from domain.ports import Chance

Asked = Cell | Rework


def cells_of(command: Asked | Permuted) -> tuple[Asked, ...]:
    """Return what each line of a command says; most have one."""
    return command.cells if isinstance(command, Permuted) else (command,)


def first_of(command: Asked | Permuted) -> Asked:
    """Return the command that speaks for all: what counts for the line is the same in each."""
    return command.first if isinstance(command, Permuted) else command


@dataclass(slots=True)
class SameChance:
    """Draws each seed once and gives it again to whoever begins anew: all cells get the same."""

    chance: Chance
    drawn: list[int] = field(default_factory=list)
    at: int = 0

    def again(self) -> "SameChance":
        """Begin anew, with what was drawn so far."""
        return SameChance(self.chance, self.drawn)

    def ulid(self) -> str:
        """Return a new id: ids are never the same."""
        return self.chance.ulid()

    def seed(self) -> int:
        """Return the seed that was drawn at this point, or draw it."""
        if self.at == len(self.drawn):
            self.drawn.append(self.chance.seed())
        self.at += 1
        return self.drawn[self.at - 1]
