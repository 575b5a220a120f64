"""What is off costs nothing: the light road imports none of the heavy packages."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

HEAVY = {
    "torch": "scoring",
    "diffusers": "its provider",
    "transformers": "its provider",
    "open_clip": "scoring",
    "onnxruntime": "scoring",
    "openai": "its provider",
    "replicate": "its provider",
    "slack_bolt": "Slack",
    "slack_sdk": "Slack",
    "discord": "Discord",
    "aiohttp": "Slack and Discord",
}
"""What is imported by its own door alone."""
LIGHT = (
    "import sys, bot.opening, bot.cli, bot.console.server;"
    f"print(*sorted(set({[*HEAVY]}) & set(sys.modules)))"
)


def _imported() -> str:
    done = subprocess.run(  # noqa: S603  our own words
        [sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def test_starting_imports_no_vendor_s_sdk() -> None:
    assert _imported() == ""


@pytest.mark.torch
def test_starting_imports_no_torch_even_where_it_is_installed() -> None:
    pytest.importorskip("torch", reason="make test-torch installs it")
    assert find_spec("open_clip"), "the [clip] extra brings both"
    assert find_spec("diffusers"), "the [diffusers] extra brings it"
    assert _imported() == ""
