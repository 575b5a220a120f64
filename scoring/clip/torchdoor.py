"""The door to torch and open_clip, which only training, exporting and the reference need."""

import re
import sys
from typing import Any, Final

MOST_OPERATORS: Final = 16
SIGNATURE: Final = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def open_clip() -> Any:
    """Import open_clip, also beside a CPU build of torch.

    PyPI's torchvision for Linux is linked with CUDA: beside a CPU torch its operators are missing,
    and its import fails, although open_clip uses none of them. They are declared when it complains
    (torchvision 0.28 and 0.29, torch 2.13 and 2.14), never before, or they would be there twice.

    Raises:
        ImportError: The extra ``[clip]`` is not installed.
    """
    import torch

    _found_again()
    for _ in range(MOST_OPERATORS):
        try:
            import open_clip as found
        except RuntimeError as error:
            missing = re.search(r"operator torchvision::(\w+) does not exist", str(error))
            if missing is None:
                raise
            torch.library.define(f"torchvision::{missing[1]}", SIGNATURE)
            _forget("torchvision")
        else:
            return found
    raise ImportError("torchvision cannot be imported")


def _found_again() -> None:
    # The worker of the diffusers provider marks a torchvision that does not fit as absent.
    if sys.modules.get("torchvision", sys) is None:
        _forget("torchvision")


def _forget(package: str) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]
