"""Which engine runs a weights folder."""

from typing import Literal

from scoring.clip.embedder import Embedder
from scoring.clip.ort import IMAGE, TEXT, OrtEmbedder
from scoring.clip.weights import TENSORS, Weights, WeightsError

Engine = Literal["auto", "onnx", "torch"]


def embedder_of(weights: Weights, engine: Engine = "auto") -> Embedder:
    """Return the embedder of a folder; ``auto`` takes ONNX Runtime wherever there is an export.

    Raises:
        WeightsError: The folder has not what the engine runs.
    """
    names = weights.manifest.files
    exported = IMAGE in names and TEXT in names
    if engine == "onnx" and not exported:
        hint = f"`ai-handler weights export-onnx {weights.manifest.name}` makes them (needs torch)."
        raise WeightsError(f"{weights.manifest.name} has no {IMAGE} and {TEXT}", hint=hint)
    if engine == "torch" or (engine == "auto" and not exported):
        if TENSORS not in names:
            said = f"{weights.manifest.name} has no {TENSORS}: torch cannot run it"
            raise WeightsError(said, hint='Set engine = "onnx" in [scoring].')
        from scoring.clip.openclip import OpenClipEmbedder  # noqa: PLC0415  a late door: torch

        return OpenClipEmbedder(weights)
    return OrtEmbedder(weights)
