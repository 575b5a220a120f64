"""From LAION's own .pth files to folded heads; needs torch to read them, nothing to use them."""

import hashlib
import pickle
from pathlib import Path
from typing import Any, Final

from scoring.aesthetic import Head, Origin, folded
from scoring.clip.weights import Weights, WeightsError

V1: Final = ("weight", "bias")
V2: Final = ("layers.0", "layers.2", "layers.4", "layers.6", "layers.7")
"""Of sac+logos+ava1-l14-linearMSE.pth. The one with ReLU counts 0, 3, 6, 9, 11: not foldable."""
MOST_BYTES: Final = 64 << 20


def imported(path: Path, weights: Weights) -> Head:
    """Fold a head for a backbone, and lay it beside it.

    Raises:
        WeightsError: It is no such head, or not for such a backbone.
        ImportError: torch is not installed.
    """
    _check_backbone(weights)
    data = _bytes(path)
    name, layers = _layers(_state(path))
    weight, bias = folded(layers)
    if len(weight) != weights.manifest.dim:
        said = f"{path.name} takes vectors of {len(weight)}, {weights.manifest.name} makes"
        raise WeightsError(f"{said} {weights.manifest.dim}", hint="512 is B/32 or B/16, 768 L/14.")
    origin = Origin(
        name=name,
        backbone_id=weights.backbone_id,
        source_sha256=hashlib.sha256(data).hexdigest(),
    )
    head = Head(origin, weight, bias)
    head.write(weights.folder / f"{name}.npz")
    return Head.read(weights.folder / f"{name}.npz", weights.backbone_id)


def _check_backbone(weights: Weights) -> None:
    if not weights.manifest.quick_gelu or "*" not in weights.manifest.valid_for:
        raise WeightsError(
            f"LAION's heads were fitted on OpenAI's CLIP, and {weights.manifest.name} is another",
            hint="Import OpenAI's ViT-L-14 or ViT-B-32 (QuickGELU) first; then --for NAME.",
        )


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise WeightsError(f"{path} is too large to be a head")
        return path.read_bytes()
    except OSError as error:
        raise WeightsError(f"cannot read {path}: {error.strerror}") from error


def _state(path: Path) -> dict[str, Any]:
    import torch

    try:
        # v2 was saved on a graphics card; and nothing in a foreign file is run.
        state = torch.load(path, map_location="cpu", weights_only=True)
        return {str(name): value.double().numpy() for name, value in dict(state).items()}
    except (RuntimeError, pickle.UnpicklingError, EOFError, ValueError, TypeError) as error:
        raise WeightsError(f"{path} cannot be read as a head, or is half-downloaded") from error
    except AttributeError as error:
        raise WeightsError(f"{path} holds something else than figures") from error


def _layers(state: dict[str, Any]) -> tuple[str, list[tuple[Any, Any]]]:
    if set(state) == set(V1):
        return "aesthetic_v1", [(state["weight"], state["bias"])]
    if set(state) == {f"{layer}.{part}" for layer in V2 for part in V1}:
        return "aesthetic_v2", [(state[f"{layer}.weight"], state[f"{layer}.bias"]) for layer in V2]
    names = ", ".join(sorted(state)[:3])
    hint = "v1 (sa_0_4_vit_…_linear.pth) and v2 (sac+logos+ava1-l14-linearMSE.pth) can be."
    raise WeightsError(f"a head with {names}, … cannot be folded", hint=hint)
