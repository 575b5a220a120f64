"""The JSON bodies of the HTTP interface: what it takes, field by field."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.edits import edit_line
from domain.run import Run
from domain.spec import SegmentName

Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
"""The caller's own key: the same again does nothing more, and answers alike."""
FileName = Annotated[str, Field(min_length=1, max_length=255)]


class Line(BaseModel):
    """A line of the grammar, and who says it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    text: str = Field(description="The line, as people type it.", examples=["a red fox --seed 7"])
    by: str = Field(alias="as", description="A name, 1 to 40 characters.", examples=["Ana"])
    key: Key | None = Field(default=None, description="The same key again does nothing more.")
    confirmed: bool = Field(default=False, description="Yes to the price, or to the doubt.")
    files: dict[FileName, str] = Field(
        default_factory=dict, max_length=4, description="Pictures in base64, by the line's names."
    )


class ThreadLine(Line):
    """A line in a run's thread, or in answer to its card."""

    in_thread: bool = Field(
        default=False,
        description="Said in the thread, so about its newest run; else about this run's card.",
    )


class AnyLine(Line):
    """A line that may name the run it is about."""

    about: str | None = Field(
        default=None, alias="in", description="A run: r2 (of the newest thread), or its id."
    )
    at: Literal["channel", "thread"] = Field(
        default="channel", description="In a thread a line is a verb or an edit of segments."
    )


class Form(BaseModel):
    """The five segments as a form has them: those that differ from the run's are edits."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    segments: dict[SegmentName, Annotated[str, Field(max_length=20_000)]]
    by: str = Field(alias="as", description="A name, 1 to 40 characters.")
    key: Key | None = None
    confirmed: bool = Field(default=False, description="Yes to the price.")

    def line(self, run: Run) -> str:
        """Return the line that says the same.

        Raises:
            CommandError: Nothing differs.
        """
        return edit_line(run, self.segments)


class Ballot(BaseModel):
    """An opinion of one artwork."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    number: Annotated[int, Field(ge=1, le=8)]
    value: Literal["pick", "unpick", "up", "down", "1", "2", "3", "4", "5", "none"]
    by: str = Field(alias="as")
    key: Key | None = None

    @property
    def line(self) -> str:
        """The line that says the same."""
        if self.value in {"pick", "unpick"}:
            return f"{self.value} {self.number}"
        return f"rate {self.number} {self.value}"
