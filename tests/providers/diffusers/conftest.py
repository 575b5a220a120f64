"""The tiny model, made once, and one worker for all tests that need no other."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from domain.model import ModelCard
from providers.diffusers.provider import DiffusersProvider
from providers.diffusers.vision import hide_what_does_not_fit
from tests.providers.diffusers.given import opened, own_card

if TYPE_CHECKING:
    from tests.providers.diffusers.tiny import Tiny


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> "Tiny":
    hide_what_does_not_fit()  # before diffusers looks for it
    pytest.importorskip("diffusers", reason="make test-torch installs it")
    from tests.providers.diffusers.tiny import make  # noqa: PLC0415  it needs the extra

    return make(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def model(tiny: "Tiny") -> ModelCard:
    return own_card(str(tiny.folder))


@pytest.fixture
def folder(tiny: "Tiny") -> Path:
    return tiny.folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def provider(tiny: "Tiny") -> AsyncIterator[DiffusersProvider]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OMP_NUM_THREADS", "1")  # of so little work, threads only get in the way
        one = opened(str(tiny.folder))
        yield one
        await one.close()
