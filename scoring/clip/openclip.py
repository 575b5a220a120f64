"""The embedder on open_clip and torch: the graphics card if there is one; the extra ``[clip]``."""

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from scoring.clip.embedder import Vectors, unit
from scoring.clip.pixels import normalised
from scoring.clip.reading import preparation_of, tokens_of
from scoring.clip.torchdoor import open_clip
from scoring.clip.weights import TENSORS, Weights, WeightsError

AT_ONCE: Final = {"cpu": 4, "mps": 16, "cuda": 32}
"""Pictures of one call to the network: more gain nothing on a CPU."""


class OpenClipEmbedder:
    """A weights folder, run by open_clip; loaded at the first call."""

    def __init__(self, weights: Weights, *, device: str = "auto", threads: int = 1) -> None:
        self._weights = weights
        self._device = device
        self._threads = threads
        self._lock = threading.Lock()
        self._words = tokens_of(weights)
        self._ready = preparation_of(weights)
        weights.path(TENSORS)

    @property
    def backbone_id(self) -> str:
        """Which weights, to the byte."""
        return self._weights.backbone_id

    @property
    def dim(self) -> int:
        """How long a vector is."""
        return self._weights.manifest.dim

    @property
    def side_px(self) -> int:
        """The side of the square that a picture is made into."""
        return self._weights.manifest.side_px

    def images(self, squares: npt.NDArray[np.uint8]) -> Vectors:
        """Embed pictures, (n, side, side, 3)."""
        return self._run("encode_image", normalised(squares, self._ready.mean, self._ready.std))

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Embed texts."""
        return self._run("encode_text", self._words.encode(texts))

    def unknown(self, text: str) -> list[str]:
        """Return the words of a text that these weights cannot read."""
        return self._words.unknown(text)

    def _run(self, tower: str, rows: npt.NDArray[Any]) -> Vectors:
        if not len(rows):
            return np.empty((0, self.dim), np.float32)
        with self._lock:
            encode = getattr(self._model, tower)
            device = self._where
        import torch

        with torch.inference_mode():
            most = AT_ONCE[device.partition(":")[0]]
            parts = [
                encode(torch.from_numpy(rows[at : at + most]).to(device)).float().cpu().numpy()
                for at in range(0, len(rows), most)
            ]
        return unit(np.concatenate(parts), self.dim, self.backbone_id)

    @cached_property
    def _where(self) -> str:
        import torch

        if self._device != "auto":
            return self._device
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"

    @cached_property
    def _model(self) -> Any:
        try:
            clip = open_clip()
        except ImportError as error:
            hint = "`pip install 'ai-handler[clip]'` adds torch and open_clip."
            raise WeightsError(f"{error.name or error} is not installed", hint=hint) from error
        import torch

        torch.set_num_threads(self._threads)
        name = f"local-dir:{self._weights.folder}"
        try:
            # Without require_pretrained a file that is not found means random figures, no error.
            model = clip.create_model(name, require_pretrained=True, device=self._where)
        except Exception as error:
            # Missing keys, other shapes, no tensors at all: torch has no common class for them.
            said = f"{self._weights.folder / TENSORS} cannot be loaded: {error}"
            raise WeightsError(said[:600]) from error
        return model.eval().requires_grad_(requires_grad=False)
