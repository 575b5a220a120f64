"""What needs no torch: the order, where weights may lie, what a failure is called."""

import sys
from pathlib import Path
from typing import Any

import pytest

from domain.errors import BadReplyError, NotConfiguredError, ProviderError, RejectedError
from domain.model import LoRAUsed
from providers.diffusers.failing import MishapError, kind_of, words_of
from providers.diffusers.faults import HINTS, fault
from providers.diffusers.places import NowhereError, adapter_at, lora_at, model_at
from providers.diffusers.process import Setup, environment
from providers.diffusers.provider import DiffusersProvider
from providers.diffusers.wire import blobs, payload
from tests.providers.diffusers.given import asked, gradient, lines, own_card

CARD = own_card("/weights")


def test_the_order_holds_pictures_by_their_digests_and_the_bytes_beside_it() -> None:
    request = asked(
        CARD, init_image=gradient(), controls=(lines(8),), loras=(LoRAUsed(name="fox", weight=0.5),)
    )
    order = payload(request)
    assert order["model"] == "/weights/model"
    assert order["loading"] == {"dtype": "float32"}
    assert order["arguments"]["num_inference_steps"] == 4
    assert order["arguments"]["guidance_rescale"] == 0.0
    assert order["loras"] == [{"name": "fox", "weight": 0.5}]
    assert order["controls"][0]["model"] == "/weights/controlnet"
    assert order["init_image"] == request.parameters.init_image
    assert blobs(request) == {"init_image": gradient(), "control0": lines(8)}


def test_a_word_goes_by_the_name_that_the_card_gives_it() -> None:
    card = own_card("/weights", wire={"cfg_scale": "true_cfg_scale"})
    sent = payload(asked(card))["arguments"]
    assert sent["true_cfg_scale"] == 5
    assert "guidance_scale" not in sent


@pytest.mark.parametrize(
    ("changes", "given", "says"),
    [
        ({"source": ""}, {}, "names no source"),
        ({"wire": {}}, {"references": (gradient(),)}, "no IP-Adapter"),
        ({"controls": {"canny": {"preprocessed": True}}}, {"controls": (lines(8),)}, "ControlNet"),
    ],
)
async def test_a_card_that_lacks_a_place_is_refused_before_anything_starts(
    changes: dict[str, Any], given: dict[str, Any], says: str
) -> None:
    provider = DiffusersProvider()
    with pytest.raises(NotConfiguredError, match=says):
        await provider.make(asked(own_card("/weights", **changes), **given))
    assert provider.worker_pid is None


async def test_a_prompt_that_is_no_text_is_refused_before_anything_starts() -> None:
    provider = DiffusersProvider()
    request = asked(CARD)
    request.parameters.__dict__["prompt"] = "a fox \ud83e"
    with pytest.raises(RejectedError):
        await provider.make(request)
    assert provider.worker_pid is None


def test_a_model_is_a_folder_of_the_teams_or_a_hub_id(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for source in ("mine", str(tmp_path / "mine")):
        assert model_at(source, str(tmp_path)).root == str(tmp_path / "mine")
    assert not model_at("owner/name", str(tmp_path)).is_local
    with pytest.raises(NowhereError):
        model_at("missing", str(tmp_path))


@pytest.mark.parametrize(
    "name",
    ["../secret", "/etc/passwd", "~/x.safetensors", "up/../../secret", "a/b/../c.safetensors"],
)
def test_a_lora_is_never_looked_for_outside_the_teams_folder(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "loras"
    folder.mkdir()
    (tmp_path / "secret.safetensors").touch()
    for where in (str(folder), ""):
        with pytest.raises(NowhereError):
            lora_at(name, where)


def test_a_lora_is_a_file_of_the_folder_or_on_the_hub(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for file in ("fox.safetensors", "sub/bear.safetensors", "old.bin"):
        (tmp_path / file).touch()
    assert lora_at("fox", str(tmp_path)).file == "fox.safetensors"
    assert lora_at("sub/bear.safetensors", str(tmp_path)).root == str(tmp_path / "sub")
    assert lora_at("owner/name", str(tmp_path)).root == "owner/name"
    on_hub = lora_at("owner/name/deep/fox.safetensors", "")
    assert (on_hub.root, on_hub.folder, on_hub.file) == ("owner/name", "deep", "fox.safetensors")
    with pytest.raises(NowhereError):
        lora_at("old.bin", str(tmp_path))


def test_an_ip_adapter_is_a_safetensors_file() -> None:
    at = adapter_at("h94/IP-Adapter/sdxl_models/ip-adapter_sdxl.safetensors", "")
    assert (at.root, at.folder) == ("h94/IP-Adapter", "sdxl_models")
    for source in ("h94/IP-Adapter", "h94/IP-Adapter/x/y.bin", "/missing.safetensors"):
        with pytest.raises(NowhereError):
            adapter_at(source, "")


class OutOfMemoryError(RuntimeError):
    """As torch names it."""


class LocalEntryNotFoundError(FileNotFoundError):
    """As huggingface_hub names it."""


def _from(cause: Exception) -> Exception:
    error = OSError("we could not load it")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), "memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "memory"),
        (MemoryError(), "memory"),
        (RuntimeError("MPS backend out of memory"), "memory"),
        (_from(LocalEntryNotFoundError("outgoing traffic has been disabled")), "offline"),
        (OSError("You are trying to access a gated repo."), "gated"),
        (OSError("no file named model.safetensors found"), "unsafe"),
        (NowhereError("x"), "nowhere"),
        (ModuleNotFoundError("No module named 'torch'"), "package"),
        (ValueError("`height` must be divisible by 8"), "invalid"),
        (TypeError("unexpected keyword"), "invalid"),
        (RuntimeError("something else"), "broken"),
        (MishapError("safety", "no"), "safety"),
    ],
)
def test_each_failure_has_its_name(error: Exception, kind: str) -> None:
    assert kind_of(error) == kind
    assert len(words_of(error)) <= 400


@pytest.mark.parametrize("kind", HINTS)
def test_each_failure_is_an_error_of_ours_that_says_what_to_do(kind: str) -> None:
    error = fault(kind, "it went wrong", CARD)
    assert isinstance(error, ProviderError)
    assert error.hint.endswith(".")
    assert error.model == CARD.id


def test_what_is_refused_is_not_what_has_to_be_set_up() -> None:
    assert isinstance(fault("safety", "", CARD), RejectedError)
    assert isinstance(fault("memory", "", CARD), RejectedError)
    assert isinstance(fault("offline", "", CARD), NotConfiguredError)
    assert isinstance(fault("black", "", CARD), BadReplyError)


def test_the_worker_gets_no_keys_of_others_and_stays_off_the_net_unless_it_may_download() -> None:
    ours = {"OPENAI_API_KEY": "sk", "SLACK_BOT_TOKEN": "x", "HF_TOKEN": "hf", "HF_HOME": "/cache"}
    closed, open_ = (environment(ours, Setup(downloads=may)) for may in (False, True))
    assert not {"OPENAI_API_KEY", "SLACK_BOT_TOKEN"} & {*closed, *open_}
    assert closed["HF_HUB_OFFLINE"] == "1"
    assert closed["HF_HOME"] == "/cache"
    assert "HF_TOKEN" not in closed
    assert open_["HF_TOKEN"] == "hf"
    assert "HF_HUB_OFFLINE" not in open_


def test_the_provider_itself_imports_no_torch() -> None:
    provider = sys.modules[DiffusersProvider.__module__]
    assert "torch" not in vars(provider)
