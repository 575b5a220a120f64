"""Which models are on, why the others are off, and that what is off costs nothing."""

import asyncio
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from domain.errors import NotConfiguredError
from providers.catalogue import DOORS, Access, Catalogue, open_catalogue
from tests.providers.given import FLARE, FLUX, Here, card, cards

KEYS = {
    "replicate": Access("r8_key"),
    "openai": Access("sk-key"),
    "bfl": Access("bfl-key"),
    "stability": Access("sk-stability"),
    "comfyui": Access(base_url="http://127.0.0.1:8188"),
}
LOCAL = [one.id for one in cards().values() if one.provider == "diffusers"]
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def no_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same here with and without the heavy extras."""
    monkeypatch.setattr("providers.catalogue.find_spec", lambda name: name != "diffusers" or None)


def opened(access: dict[str, Access]) -> Catalogue:
    return open_catalogue(list(cards().values()), access, Here())


def why_off(catalogue: Catalogue) -> dict[str, str]:
    return {entry.card.id: entry.why_off for entry in catalogue.entries if not entry.on}


def test_without_keys_only_the_sketch_provider_is_on_and_each_other_says_what_to_set() -> None:
    catalogue = opened({})
    on = [one.id for one in catalogue.on_cards() if one.answers != "handed"]
    assert on == ["sketch:storyboard"]
    variables = {
        "replicate": "REPLICATE_API_TOKEN",
        "openai": "OPENAI_API_KEY",
        "bfl": "BFL_API_KEY",
        "stability": "STABILITY_API_KEY",
    }
    served = [one for one in cards().values() if one.provider == "comfyui"]
    keyed = [one for one in cards().values() if one.provider in variables]
    assert why_off(catalogue) == {
        **{one.id: f"no key: set {variables[one.provider]}" for one in keyed},
        **{one.id: "no server: set COMFYUI_URL" for one in served},
        **dict.fromkeys(LOCAL, "package not installed: pip install 'ai-handler[diffusers]'"),
        "openai:dall-e-3": "retired on 2026-05-12, use openai:gpt-image-2.5-flare",
    }


def test_what_is_made_by_hand_is_on_and_is_never_called() -> None:
    catalogue = opened({})
    by_hand = [one for one in catalogue.on_cards() if one.answers == "handed"]
    assert [one.id for one in by_hand] == ["midjourney:v7", "midjourney:v7-raw"]
    catalogue.open_all()
    assert [one.name for one in catalogue.opened()] == ["sketch"]
    with pytest.raises(NotConfiguredError, match="made by a person"):
        catalogue.provider(by_hand[0])


def test_with_keys_all_are_on_but_the_retired_one_and_those_of_an_extra() -> None:
    assert set(why_off(opened(KEYS))) == {"openai:dall-e-3", *LOCAL}


def test_with_the_extra_its_models_are_on_and_make_one_image_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("providers.catalogue.find_spec", lambda _name: True)
    catalogue = opened({})
    assert not {*LOCAL} & {*why_off(catalogue)}
    assert catalogue.at_once(card(LOCAL[0]), 4) == 1
    assert catalogue.at_once(card(FLUX), 4) == 4


@pytest.mark.parametrize("key", ["r8 with blank", "r8\nline", "schlüssel", "\x00"])
def test_a_key_that_no_header_carries_is_said_to_be_none(key: str) -> None:
    why = why_off(opened({"replicate": Access(key)}))[FLUX]
    assert why.startswith("REPLICATE_API_TOKEN is no key")
    assert key not in why


@pytest.mark.parametrize("key", [None, "", "  "])
def test_an_empty_key_is_no_key(key: str | None) -> None:
    assert "set REPLICATE_API_TOKEN" in why_off(opened({"replicate": Access(key)}))[FLUX]


def test_a_package_that_is_not_installed_names_its_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    monkeypatch.setattr("providers.catalogue.find_spec", lambda name: name != "openai" or None)
    assert why_off(opened(KEYS))[FLARE] == "package not installed: pip install openai"


def test_a_card_of_a_provider_without_adapter_is_off() -> None:
    stranger = card(FLUX).model_copy(update={"id": "ideogram:v4"})
    (entry,) = open_catalogue([stranger], {}, Here()).entries
    assert not entry.on
    assert "ideogram" in entry.why_off


async def test_a_provider_is_made_once_for_all_its_models() -> None:
    catalogue = opened(KEYS)
    await asyncio.to_thread(catalogue.open_all)
    first = catalogue.provider(card(FLUX))
    assert first is catalogue.provider(card(FLUX))
    assert (first.name, first.answers) == ("replicate", "polled")
    assert catalogue.provider(card(FLARE)).answers == "blocking"
    await catalogue.close()
    await catalogue.close()


def test_a_model_that_is_off_is_refused_with_its_reason() -> None:
    with pytest.raises(NotConfiguredError) as caught:
        opened({}).provider(card(FLUX))
    assert "REPLICATE_API_TOKEN" in caught.value.hint
    with pytest.raises(NotConfiguredError, match="use openai:gpt-image"):
        opened(KEYS).provider(cards()["openai:dall-e-3"])


def test_a_key_is_never_shown() -> None:
    assert "r8_key" not in repr(KEYS["replicate"])
    assert "r8_key" not in str(KEYS)


def test_what_is_off_is_not_imported() -> None:
    program = (
        "import sys; from providers.catalogue import open_catalogue; "
        "import tests.providers.given as g; "
        "open_catalogue(list(g.cards().values()), {}, g.Here()); "
        "late = ('openai', 'replicate', 'httpx', 'aiohttp', 'resvg_py'); "
        "print([m for m in late if m in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_each_card_names_a_provider_that_has_a_door_and_a_successor_that_is_there() -> None:
    for one in cards().values():
        assert one.provider in DOORS
        if one.status == "retired":
            assert one.replacement in cards()
            assert one.retired_on
            assert one.retired_on <= date(2026, 11, 23)


def test_the_sketch_card_is_what_the_design_says() -> None:
    sketch = cards()["sketch:storyboard"]
    assert sketch.repeatable
    assert sketch.answers == "blocking"
    assert sketch.negative_prompt
    assert sketch.steps is None
    assert sketch.cfg_scale is None
    assert sketch.price.usd_per_image == 0
    assert sketch.denoising_strength
    assert sketch.denoising_strength.default == 0.55
    assert sketch.attribution == "Drawings: OpenMoji, CC BY-SA 4.0"


def test_no_card_that_is_paid_for_is_called_repeatable() -> None:
    assert not [c.id for c in cards().values() if c.repeatable and c.price.usd_per_image]


def test_a_model_is_off_from_the_day_on_which_its_vendor_ends_it() -> None:
    model = card(FLUX, retired_on=date(2027, 1, 31), replacement=FLARE)
    for today, on in ((date(2027, 1, 30), True), (date(2027, 1, 31), False)):
        (entry,) = open_catalogue([model], KEYS, Here(), today=today).entries
        assert entry.on is on
    assert entry.why_off == f"retired on 2027-01-31, use {FLARE}"
