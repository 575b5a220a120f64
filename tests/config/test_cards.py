"""The team's own models and endpoints: laid over what ships, and every fault by name."""

import pytest

from config.records import Settings
from config.settings import _TAKEN, load, model_cards
from domain.errors import SettingsError
from domain.model import ModelCard
from providers.catalogue import DOORS

FLARE = "openai:gpt-image-2.5-flare"
SERVER = '[endpoints.studio]\nbase_url = "http://127.0.0.1:8000/v1/"\n'
KEYED = '[endpoints.studio]\nbase_url = "https://a.example/v1"\nkey = "STUDIO_KEY"\n'
MODEL = """
[[model]]
id = "studio:sdxl"
title = "SDXL"
answers = "blocking"
sizes = { kind = "pixels" }
price = { usd_per_image = 0.0, source = "ours", as_of = 2026-11-23 }
"""


def cards(settings: Settings) -> dict[str, ModelCard]:
    return {one.id: one for one in model_cards(settings.own_models)}


def refused(toml: str, **environ: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(toml, environ)
    return caught.value


def test_a_table_lies_over_the_shipped_one_of_its_id_and_keeps_the_rest() -> None:
    toml = f'[[model]]\nid = "{FLARE}"\ntimeout_s = 60.0\n[model.settings]\nquality = "high"\n'
    before, after = cards(load("", {})), cards(load(toml, {}))
    assert list(before) == list(after), "in its place"
    changed = after[FLARE]
    assert (changed.settings["quality"], changed.timeout_s) == ("high", 60.0)
    assert changed.settings["moderation"] == "auto"
    same = before[FLARE].model_dump() | {"settings": changed.settings, "timeout_s": 60.0}
    assert changed.model_dump() == same
    del before[FLARE], after[FLARE]
    assert before == after


def test_what_a_table_sets_is_not_left_to_the_vendor_any_more() -> None:
    toml = f'[[model]]\nid = "{FLARE}"\n[model.settings]\npartial_images = 2\n'
    before, after = cards(load("", {}))[FLARE], cards(load(toml, {}))[FLARE]
    assert set(before.left_to_vendor) - set(after.left_to_vendor) == {"partial_images"}


def test_another_id_is_a_model_of_its_own_at_the_end() -> None:
    found = cards(load(SERVER + MODEL, {}))
    assert list(found)[-1] == "studio:sdxl"
    assert len(found) == len(model_cards()) + 1


def test_without_tables_the_shipped_cards_are_all_there_are() -> None:
    assert load("", {}).own_models == ()
    assert model_cards(()) == model_cards()


def test_every_fault_of_a_table_is_told_by_model_and_field() -> None:
    wrong = MODEL.replace('"blocking"', '"soon"').replace('"SDXL"', "5") + 'colour = "red"\n'
    said = refused(SERVER + wrong).message
    for part in ("model 'studio:sdxl'", "answers", "title", "colour"):
        assert part in said


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (MODEL + MODEL, "named twice"),
        ('[[model]]\ntitle = "x"\n', "id"),
        ("model = 3\n", "list of tables"),
        ('model = ["a"]\n', "list of tables"),
        ('own_models = "a"\n', "own_models"),
        ('[[model]]\nid = "Studio:sdxl"\n', "model 'Studio:sdxl': id"),
    ],
)
def test_a_table_that_is_none_is_refused(toml: str, said: str) -> None:
    assert said in refused(toml).message


# --- endpoints ---


def test_an_endpoint_is_an_account_with_the_key_that_its_variable_holds() -> None:
    settings = load(KEYED, {"STUDIO_KEY": "top-secret"})
    account = settings.accounts["studio"]
    assert account.api_key
    assert account.api_key.get_secret_value() == "top-secret"
    assert "top-secret" not in repr(settings)
    assert load(SERVER, {}).accounts["studio"].base_url == "http://127.0.0.1:8000/v1"


def test_an_empty_variable_is_no_key() -> None:
    assert load(KEYED, {"STUDIO_KEY": ""}).accounts["studio"].api_key is None
    assert load(KEYED, {}).accounts["studio"].api_key is None


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("[endpoints.studio]\n", "endpoints.studio.base_url"),
        ('[endpoints.studio]\nbase_url = "ftp://a.example"\n', "endpoints.studio.base_url"),
        ('[endpoints.studio]\nbase_url = "https://me:pw@a.example"\n', "endpoints.studio.base_url"),
        ('[endpoints.studio]\nbase_url = "https://a.example/v1?key=x"\n', "base_url"),
        ('[endpoints."big studio"]\nbase_url = "https://a.example"\n', "big studio"),
        (SERVER + 'key = "sk-this-is-a-key"\n', "endpoints.studio.key"),
        (SERVER + 'api_key = "sk-this-is-a-key"\n', "endpoints.studio.api_key"),
        ("endpoints = 3\n", "endpoints"),
        ("[endpoints]\nstudio = 3\n", "endpoints.studio"),
        ('[endpoints.openai]\nbase_url = "https://a.example"\n', "OPENAI_BASE_URL"),
    ],
)
def test_an_endpoint_that_is_none_is_refused(toml: str, said: str) -> None:
    error = refused(toml)
    assert said in error.message + error.hint


@pytest.mark.parametrize("address", ["http://gpu.example:8000/v1", "http://10.0.0.5/v1"])
def test_a_key_does_not_travel_in_the_clear(address: str) -> None:
    table = f'[endpoints.studio]\nbase_url = "{address}"\n'
    assert "in the clear" in refused(table + 'key = "K"\n').message
    assert load(table, {}).endpoints["studio"].key == ""


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/v1", "http://localhost", "http://[::1]:9"])
def test_to_this_machine_it_may(address: str) -> None:
    table = f'[endpoints.studio]\nbase_url = "{address}"\nkey = "K"\n'
    assert load(table, {}).endpoints["studio"].key == "K"


def test_no_endpoint_goes_by_the_name_of_a_provider() -> None:
    assert set(DOORS) <= _TAKEN
