"""Replicate's words: how its answer about a job is read.

Sources: Replicate's OpenAPI of 2026-03-16; the lines of a model's log as written by
replicate/cog-flux and fofr/cog-sdxl-multi-controlnet-lora (read 2026-11-23).
"""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.errors import BadReplyError, ProviderError, RejectedError
from domain.model import ModelCard, Price
from domain.ports import JobState, Output

SEED: Final = re.compile(r"Using seed: (\d{1,20})\b")
TQDM: Final = re.compile(r"\d{1,3}%\|[^|\n]{0,200}\|\s{0,9}(\d{1,6})/(\d{1,6})")
LOG_CHARS: Final = 20_000
"""As much of a log is looked at, from its beginning for the seed and from its end for progress."""
MAX_IMAGES: Final = 100
"""More than one job can make: a count above is no count."""
MAX_S: Final = 3600.0
"""Replicate ends a job after 30 minutes: more is no time."""
MAX_SEED: Final = 2**32 - 1
CLOSE_TO_DEADLINE: Final = timedelta(seconds=1)


class Prediction(BaseModel):
    """A job as Replicate tells of it; what we do not use is not looked at.

    Our own record, since the SDK's (2.0.0b4) knows no ``aborted`` and checks nothing.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
    status: str
    model: str | None = None
    version: str | None = None
    input: dict[str, Any] | None = None
    output: list[Any] | str | None = None
    error: Any = None
    logs: str | None = None
    metrics: dict[str, Any] | None = None
    created_at: AwareDatetime | None = None
    completed_at: AwareDatetime | None = None
    deadline: AwareDatetime | None = None
    data_removed: bool = False

    @property
    def seed(self) -> int | None:
        """The seed that the log names; None if it names none."""
        found = SEED.search((self.logs or "")[:LOG_CHARS])
        return int(found[1]) if found and int(found[1]) <= MAX_SEED else None

    @property
    def progress(self) -> float | None:
        """How far the last progress bar in the log is, in [0, 1]."""
        bars = TQDM.findall((self.logs or "")[-LOG_CHARS:])
        done, total = map(int, bars[-1]) if bars else (0, 0)
        return min(done / total, 1.0) if total else None

    @property
    def images(self) -> int:
        """How many images the vendor counts in its bill."""
        counted = (self.metrics or {}).get("image_count")
        if isinstance(counted, int) and 0 <= counted <= MAX_IMAGES:
            return counted
        return len(self.urls)

    @property
    def took_s(self) -> float | None:
        """How long the machine worked on it, which is what is billed."""
        took = (self.metrics or {}).get("predict_time")
        if isinstance(took, int | float) and not isinstance(took, bool) and 0 <= took <= MAX_S:
            return float(took)
        return None

    @property
    def urls(self) -> tuple[str, ...]:
        """Where the outputs lie, however the model shapes its output."""
        outputs = self.output if isinstance(self.output, list) else [self.output]
        return tuple(url for url in outputs if isinstance(url, str) and url)

    @property
    def was_late(self) -> bool:
        """Whether its deadline ended it, and not somebody's wish."""
        if self.deadline is None or self.completed_at is None:
            return self.status == "aborted"
        return self.completed_at >= self.deadline - CLOSE_TO_DEADLINE

    def after(self, moment: datetime) -> bool:
        """Whether it was created at *moment* or later, as far as it is known."""
        return self.created_at is None or self.created_at >= moment

    def asks_for(self, wanted: dict[str, Any]) -> bool:
        """Whether each of the *wanted* inputs was its input."""
        given = self.input or {}
        return all(name in given and given[name] == value for name, value in wanted.items())


def finished(prediction: Prediction, card: ModelCard | None) -> JobState:
    """Return the state of a job that succeeded.

    Some models put maps and masks among their outputs: ``wire.output`` of their card says how the
    file of a picture begins.

    Raises:
        ProviderError: It names no picture, has forgotten it, or kept it back.
    """
    start = card.wire.get("output", "") if card else ""
    pictures = [url for url in prediction.urls if url.rpartition("/")[2].startswith(start)]
    if not pictures:
        raise _without_picture(prediction)
    output = Output(
        url=pictures[0],
        cost_usd=_cost_usd(prediction, card.price) if card else None,
        seed=prediction.seed,
        model_version=prediction.version if prediction.version != "hidden" else None,
    )
    return JobState(phase="done", progress=1.0, output=output)


def _cost_usd(prediction: Prediction, price: Price) -> float:
    if price.usd_per_second is None:
        return price.usd_per_image * prediction.images
    took_s = prediction.took_s
    return price.usd_per_image if took_s is None else price.usd_per_second * took_s


def _without_picture(prediction: Prediction) -> ProviderError:
    if prediction.data_removed:
        return BadReplyError(
            f"the output of {prediction.id} has expired",
            request_id=prediction.id,
            hint="Replicate keeps a picture for one hour and has removed this one: make it again.",
        )
    if "NSFW content detected" in (prediction.logs or "")[-LOG_CHARS:]:
        return RejectedError(
            f"{prediction.id} kept its picture back: NSFW content detected",
            request_id=prediction.id,
            hint="Replicate's safety filter refused it: say it in other words, or take another "
            "seed.",
        )
    return BadReplyError(
        f"{prediction.id} succeeded with output {str(prediction.output)[:200]!r}",
        request_id=prediction.id,
        hint="Replicate says it is done and gives no picture: make it again.",
    )
