"""Hides a torchvision that does not fit the torch that is installed.

PyPI's torchvision is built for one build of torch and fails on import beside any other. Nothing
here needs it: transformers works with Pillow then. But transformers and diffusers import it
wherever it is found.
"""

import importlib
import sys


def hide_what_does_not_fit() -> None:
    """Let torchvision look as if it were not installed, if it cannot be imported."""
    try:
        importlib.import_module("torchvision")
    except (ImportError, RuntimeError, AttributeError, OSError):
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        sys.modules["torchvision"] = None  # type: ignore[assignment]  # how Python marks absence
