"""The frozen record that all of the domain's words are made of, and its small types."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

Fraction = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
"""A bare float in [0, 1]."""

Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
"""A seed; image *i* of a run uses ``seed + i`` modulo 2**32."""


def _utc_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[AwareDatetime, PlainSerializer(_utc_text, when_used="json")]
"""An aware time, written as UTC with milliseconds."""


class Record(BaseModel):
    """A frozen, closed record: no unknown fields, no changes after it was made."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="null")
