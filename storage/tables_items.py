"""The table of library items that hold several things: LoRA, house styles, characters."""

from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Base


class ItemRow(Base):
    """One version of an item; only its retirement is ever written into it."""

    __tablename__ = "items"
    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    content_json: Mapped[dict[str, Any]] = mapped_column(JSON)
    event_key: Mapped[str] = mapped_column(unique=True)
    """The line that saved it: the same line again saves nothing more."""
    person_key: Mapped[str]
    by: Mapped[str]
    at: Mapped[str]
    retired_by: Mapped[str | None]
