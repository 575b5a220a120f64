"""Fit for the road: the pictures of a run against its brief, with the weights that were chosen."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from config.records import Settings
from domain.errors import HandlerError
from domain.fit import Fitted
from domain.picture import MAX_VENDOR_BYTES, Picture
from domain.ports import ArtifactStore, Pixels
from domain.record import Record
from domain.run import Artwork, Run
from providers.sketch.branch import CHUNK
from scoring.aesthetic import Head, heads_of
from scoring.clip.batching import Batched
from scoring.clip.embedder import Embedder
from scoring.clip.engines import Engine, embedder_of
from scoring.clip.fit import Fit, Wanted, bank_of
from scoring.clip.pixels import squared
from scoring.clip.reading import preparation_of
from scoring.clip.weights import SHIPPED, Weights, WeightsError, opened, shipped

logger = logging.getLogger(__name__)
WEIGHTS: Final = "weights"
"""The folder of the data folder that weights are imported to."""
FIT_S: Final = 30.0
"""How long the fit of one picture may take, loading the weights included."""


class Choice(Record):
    """Which weights measure fit on this machine, and what runs them."""

    folder: Path = Field(default_factory=shipped)
    engine: Engine = "auto"

    @classmethod
    def of(cls, settings: Settings) -> "Choice":
        """Return what the settings name: weights that ship, or those of the data folder."""
        return cls(
            folder=folder_of(settings, settings.scoring.weights), engine=settings.scoring.engine
        )


def folder_of(settings: Settings, name: str) -> Path:
    """Return where weights of a name lie."""
    return shipped() if name == SHIPPED else settings.data_dir / WEIGHTS / name


def square_of(data: bytes, side_px: int, mode: str = "squash") -> npt.NDArray[np.uint8]:
    """Decode a vendor's picture and make it as a network takes it; for the pixel pool.

    Raises:
        PictureError: It is no picture, or damaged.
    """
    return squared(Picture.open(data, max_bytes=MAX_VENDOR_BYTES).image, side_px, mode)


class Fitting:
    """Measures fit where it means something, and says why where it does not."""

    def __init__(
        self, pixels: Pixels, artifacts: ArtifactStore, choice: Choice | None = None
    ) -> None:
        self._pixels = pixels
        self._artifacts = artifacts
        self._choice = choice or Choice()
        self._heads: tuple[Head, ...] = ()
        self._mode = "squash"
        self._weights: Weights | None = None
        self._fit: Fit | None = None
        self._batched = Batched(self._embedder)

    async def fitted(self, run: Run) -> dict[int, Fitted]:
        """Return the fit of each artwork of a run, by number; never raises for what failed."""
        try:
            weights = await self._opened()
        except WeightsError as error:
            return dict.fromkeys(_numbers(run), Fitted(missing=f"not measured: {error.message}"))
        provider = run.route.model.partition(":")[0]
        if not weights.valid_for(provider):
            return dict.fromkeys(_numbers(run), Fitted(missing=foreign(weights)))
        wanted = wanted_of(run)
        found = await asyncio.gather(*(self._one(made, wanted, weights) for made in run.artworks))
        return dict(zip(_numbers(run), found, strict=True))

    async def measured(self, digest: str, data: bytes, wanted: Wanted) -> Fitted:
        """Return the fit of one picture.

        Raises:
            HandlerError: The picture or the weights cannot be used.
        """
        vector = await self._embedded(digest, data, await self._opened())
        fitted = await self._batched.run(
            lambda embedder: self._with(embedder).measured(vector, wanted)
        )
        return beautified(fitted, vector, self._heads)

    async def vector(
        self, digest: str, data: bytes, provider: str = ""
    ) -> npt.NDArray[np.float32] | None:
        """Return a picture's vector of length 1, (dim,), for how alike two pictures are.

        None where the weights are not valid for pictures of that provider (empty: any picture).

        Raises:
            HandlerError: The picture or the weights cannot be used.
        """
        weights = await self._opened()
        if not weights.valid_for(provider):
            return None
        return await self._embedded(digest, data, weights)

    def close(self) -> None:
        """Give the thread back."""
        self._batched.close()

    async def _one(self, made: Artwork, wanted: Wanted, weights: Weights) -> Fitted:
        try:
            async with asyncio.timeout(FIT_S):
                data = await self._artifacts.get(made.digest)
                return await self.measured(made.digest, data, wanted)
        except TimeoutError:
            return Fitted(missing="fit took too long", failed=True)
        except WeightsError as error:
            return Fitted(missing=f"not measured: {error.message}")
        except HandlerError as error:
            return Fitted(missing=f"fit: {error.message}", failed=True)
        except Exception:
            # A scorer's own fault must not cost a picture that was paid for.
            logger.exception("no fit of image %s with %s", made.index, weights.backbone_id)
            return Fitted(missing="fit failed", failed=True)

    async def _embedded(
        self, digest: str, data: bytes, weights: Weights
    ) -> npt.NDArray[np.float32]:
        square = await self._pixels.run(square_of, data, weights.manifest.side_px, self._mode)
        return await self._batched.vector(digest, square)

    async def _opened(self) -> Weights:
        if self._weights is None:
            self._weights = await asyncio.to_thread(self._open)
        return self._weights

    def _open(self) -> Weights:
        weights = opened(self._choice.folder)
        self._mode = preparation_of(weights).resize_mode
        self._heads, lacking = heads_of(weights)
        logger.info("fit is measured by %s; %s", weights.backbone_id, "; ".join(lacking))
        return weights

    def _embedder(self) -> Embedder:
        return embedder_of(self._weights or self._open(), self._choice.engine)

    def _with(self, embedder: Embedder) -> Fit:
        if self._fit is None:
            self._fit = Fit(embedder, bank_of(self._weights or self._open()))
        return self._fit


def fit_of(data: bytes, brief: str, choice: Choice | None = None) -> Fitted:
    """Return the fit of one file to a brief, with a reason if there is none; holds its thread.

    Raises:
        PictureError: It is no picture, or damaged.
    """
    image = Picture.open(data, max_bytes=MAX_VENDOR_BYTES).image
    chosen = choice or Choice()
    try:
        weights = opened(chosen.folder)
        if "*" not in weights.manifest.valid_for and CHUNK not in image.info:
            return Fitted(missing=foreign(weights))
        embedder = embedder_of(weights, chosen.engine)
        square = squared(image, embedder.side_px, preparation_of(weights).resize_mode)
        vector = embedder.images(square[None])[0]
        fitted = Fit(embedder, bank_of(weights)).measured(vector, Wanted(brief))
        return beautified(fitted, vector, heads_of(weights)[0])
    except WeightsError as error:
        return Fitted(missing=f"not measured: {error.message}")


def beautified(fitted: Fitted, vector: npt.NDArray[np.float32], heads: Sequence[Head]) -> Fitted:
    """Add what the aesthetic heads say of a vector; without heads nothing is said."""
    if not heads:
        return fitted
    scores = {head.origin.name: head.score(vector) for head in heads}
    versions = " ".join(head.version for head in heads)
    version = f"{fitted.version} {versions}".strip()
    return fitted.model_copy(update={"scores": fitted.scores | scores, "version": version})


def wanted_of(run: Run) -> Wanted:
    """Return what the pictures of a run are held against."""
    segments = run.spec.segments
    if run.spec.brief:
        return Wanted(run.spec.brief, negative=segments.negative.text)
    return Wanted(
        run.spec.scored_brief,
        subject=segments.subject.text,
        environment=segments.environment.text,
        style=segments.style.text,
        negative=segments.negative.text,
    )


def foreign(weights: Weights) -> str:
    """Say why pictures of another provider have no fit."""
    known = "sketches" if weights.manifest.valid_for == ("sketch",) else "other pictures"
    whose = "the shipped weights" if weights.manifest.name == SHIPPED else weights.manifest.name
    return f"not measured: {whose} know {known} only"


def _numbers(run: Run) -> list[int]:
    return [made.index for made in run.artworks]
