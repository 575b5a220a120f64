"""LAION's aesthetic heads as what they are: one direction and an offset on CLIP's vector.

Both heads are chains of linear layers without anything between (v1: one, v2: five with dropout), so
each is one affine map: ``score = w . x + b``, x of length 1. They were fitted on OpenAI's weights
and mean nothing on others. v1 and v2 have scales of their own: never compare one with the other.
"""

import zipfile
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from domain.record import Record
from scoring.clip.weights import Weights, WeightsError

NAMES: Final = ("aesthetic_v1", "aesthetic_v2")
DECIMALS: Final = 4
Row = npt.NDArray[np.float32]


class Origin(Record):
    """What a folded head says of itself."""

    name: Annotated[str, Field(pattern="^aesthetic_v[12]$")]
    backbone_id: str
    source_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Head:
    """One folded head, held to its backbone."""

    def __init__(self, origin: Origin, weight: npt.NDArray[np.float64], bias: float) -> None:
        self.origin = origin
        self._weight = weight
        self._bias = bias

    @classmethod
    def read(cls, path: Path, backbone_id: str) -> "Head":
        """Read a folded head.

        Raises:
            WeightsError: It is none, damaged, or was folded for other weights.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                weight, bias = stored["w"].astype(np.float64), float(stored["b"])
                told = {name: str(stored[name]) for name in Origin.model_fields}
            origin = Origin.model_validate(told)
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise WeightsError(f"{path} is no folded head of ours") from error
        if origin.backbone_id != backbone_id:
            said = f"{path} was folded for {origin.backbone_id}, not for {backbone_id}"
            raise WeightsError(said, hint="`ai-handler weights import FILE.pth` folds it anew.")
        if weight.ndim != 1 or not np.isfinite(weight).all() or not np.isfinite(bias):
            raise WeightsError(f"{path} holds no direction")
        return cls(origin, weight, bias)

    def write(self, path: Path) -> None:
        """Store it, whole or not at all."""
        aside = path.with_name(f".{path.name}.partial")
        fields: dict[str, Any] = self.origin.model_dump()
        with aside.open("wb") as file:
            np.savez(file, w=self._weight, b=self._bias, **fields)
        aside.replace(path)

    @property
    def dim(self) -> int:
        """How long the vectors are that it takes."""
        return len(self._weight)

    @property
    def length(self) -> float:
        """How much the figure can change, in points for a unit of the vector."""
        return float(np.linalg.norm(self._weight))

    @property
    def version(self) -> str:
        """Changes whenever a figure might."""
        return f"{self.origin.name}:{self.origin.source_sha256[:8]}"

    def score(self, vector: Row) -> float:
        """Return the figure of one picture's vector of length 1, (dim,).

        Raises:
            WeightsError: The vector is of other weights.
        """
        if vector.shape != self._weight.shape:
            raise WeightsError(f"{self.origin.name} takes {self.dim} figures, not {vector.shape}")
        return round(float(vector.astype(np.float64) @ self._weight + self._bias), DECIMALS)


def heads_of(weights: Weights) -> tuple[tuple[Head, ...], tuple[str, ...]]:
    """Return the heads that lie beside a backbone, and why others are not used."""
    found: list[Head] = []
    lacking: list[str] = []
    for name in NAMES:
        path = weights.folder / f"{name}.npz"
        if not path.exists():
            lacking.append(f"{name}: not installed")
            continue
        try:
            head = Head.read(path, weights.backbone_id)
        except WeightsError as error:
            lacking.append(f"{name}: {error.message}")
        else:
            found.append(head)
    return tuple(found), tuple(lacking)


def folded(
    layers: list[tuple[npt.NDArray[Any], npt.NDArray[Any]]],
) -> tuple[npt.NDArray[np.float64], float]:
    """Fold linear layers, first to last, each (out, in) and (out,), into one, in float64.

    Raises:
        WeightsError: They do not fit one another, or do not end in one figure.
    """
    weight, bias = (array.astype(np.float64) for array in layers[0])
    try:
        for more, offset in layers[1:]:
            weight, bias = more.astype(np.float64) @ weight, more.astype(np.float64) @ bias + offset
    except ValueError as error:
        raise WeightsError("the layers of this head do not fit one another") from error
    if weight.shape[0] != 1 or bias.shape != (1,):
        raise WeightsError(f"this head yields {weight.shape[0]} figures, not one")
    return weight[0], float(bias[0])
