"""Fit for the road: the pictures of a run against its brief, with the weights that ship."""

import asyncio
import logging
from typing import Final

import numpy as np
import numpy.typing as npt

from domain.errors import HandlerError
from domain.fit import Fitted
from domain.picture import MAX_VENDOR_BYTES, Picture
from domain.ports import ArtifactStore, Pixels
from domain.run import Artwork, Run
from providers.sketch.branch import CHUNK
from scoring.clip.batching import Batched
from scoring.clip.embedder import Embedder
from scoring.clip.fit import Fit, Wanted, bank_of
from scoring.clip.ort import OrtEmbedder
from scoring.clip.pixels import squared
from scoring.clip.weights import Weights, WeightsError, opened, shipped

logger = logging.getLogger(__name__)
FIT_S: Final = 30.0
"""How long the fit of one picture may take, loading the weights included."""


def square_of(data: bytes, side_px: int) -> npt.NDArray[np.uint8]:
    """Decode a vendor's picture and make it as a network takes it; for the pixel pool.

    Raises:
        PictureError: It is no picture, or damaged.
    """
    return squared(Picture.open(data, max_bytes=MAX_VENDOR_BYTES).image, side_px)


class Fitting:
    """Measures fit where it means something, and says why where it does not."""

    def __init__(self, pixels: Pixels, artifacts: ArtifactStore) -> None:
        self._pixels = pixels
        self._artifacts = artifacts
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
        return await self._batched.run(
            lambda embedder: self._with(embedder).measured(vector, wanted)
        )

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
        square = await self._pixels.run(square_of, data, weights.manifest.side_px)
        return await self._batched.vector(digest, square)

    async def _opened(self) -> Weights:
        if self._weights is None:
            self._weights = await asyncio.to_thread(opened, shipped())
        return self._weights

    def _embedder(self) -> Embedder:
        return OrtEmbedder(self._weights or opened(shipped()))

    def _with(self, embedder: Embedder) -> Fit:
        if self._fit is None:
            self._fit = Fit(embedder, bank_of(self._weights or opened(shipped())))
        return self._fit


def fit_of(data: bytes, brief: str) -> Fitted:
    """Return the fit of one file to a brief, with a reason if there is none; holds its thread.

    Raises:
        PictureError: It is no picture, or damaged.
    """
    image = Picture.open(data, max_bytes=MAX_VENDOR_BYTES).image
    try:
        weights = opened(shipped())
        if "*" not in weights.manifest.valid_for and CHUNK not in image.info:
            return Fitted(missing=foreign(weights))
        embedder = OrtEmbedder(weights)
        vector = embedder.images(squared(image, embedder.side_px)[None])[0]
        return Fit(embedder, bank_of(weights)).measured(vector, Wanted(brief))
    except WeightsError as error:
        return Fitted(missing=f"not measured: {error.message}")


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
    return f"not measured: the shipped weights know {known} only"


def _numbers(run: Run) -> list[int]:
    return [made.index for made in run.artworks]
