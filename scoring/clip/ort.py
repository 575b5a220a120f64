"""The embedder on ONNX Runtime: light, no torch; one thread, never in the way."""

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from scoring.clip.embedder import Vectors, unit
from scoring.clip.pixels import normalised
from scoring.clip.reading import preparation_of, tokens_of
from scoring.clip.weights import Weights, WeightsError

IMAGE: Final = "image.onnx"
TEXT: Final = "text.onnx"
MOST_AT_ONCE: Final = 16
"""Pictures of one call to the network: more gain nothing on a CPU, and hold the thread."""


class OrtEmbedder:
    """A weights folder, run by ONNX Runtime; loaded at the first call."""

    def __init__(self, weights: Weights, *, threads: int = 1) -> None:
        self._weights = weights
        self._threads = threads
        self._lock = threading.Lock()
        self._words = tokens_of(weights)
        self._ready = preparation_of(weights)

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
        return self._run("_image", normalised(squares, self._ready.mean, self._ready.std))

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Embed texts; one without a known word has no meaning, and yields whatever it yields."""
        return self._run("_text", self._words.encode(texts))

    def unknown(self, text: str) -> list[str]:
        """Return the words of a text that these weights cannot read."""
        return self._words.unknown(text)

    def _run(self, tower: str, rows: npt.NDArray[Any]) -> Vectors:
        if not len(rows):
            return np.empty((0, self.dim), np.float32)
        with self._lock:
            session = getattr(self, tower)
        parts = [
            session.run(None, {"x": rows[at : at + MOST_AT_ONCE]})[0]
            for at in range(0, len(rows), MOST_AT_ONCE)
        ]
        return unit(np.concatenate(parts), self.dim, self.backbone_id)

    @cached_property
    def _image(self) -> Any:
        return self._session(IMAGE)

    @cached_property
    def _text(self) -> Any:
        return self._session(TEXT)

    def _session(self, name: str) -> Any:
        try:
            import onnxruntime as ort  # noqa: PLC0415  a late door: 0.3 s, and not always there
        except ImportError as error:
            hint = "`pip install onnxruntime` adds it."
            raise WeightsError("ONNX Runtime is not installed", hint=hint) from error
        options = ort.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Spinning keeps a core busy for a second after every call.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # The weights are stored as int8 and computed as float32: unpack them once, at loading.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        path = self._weights.path(name)
        try:
            return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            # ONNX Runtime's errors have no common class of their own.
            raise WeightsError(f"{path} cannot be loaded: {error}") from error
