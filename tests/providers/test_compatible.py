"""The examples of docs/providers/openai-compatible.md, loaded as they stand and driven for real."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image

from bot.access import access_of
from config.settings import load, model_cards
from domain.errors import BadReplyError, ProviderError, RejectedError, UnavailableError
from domain.model import ModelCard
from domain.ports import BlockingProvider, Delivered
from providers.catalogue import Catalogue, open_catalogue
from providers.openai.wire import payload
from tests.providers.given import Here, picture, request
from tests.vendors.compatible import HOUSES, KEY, CompatibleVendor, running_thread, toml

TODAY: Final = date(2026, 11, 23)
PAGE: Final = Path(__file__).parents[2] / "docs" / "providers" / "openai-compatible.md"
EXAMPLES: Final = "\n".join(
    re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
)
VARIABLES: Final = dict.fromkeys(
    ("TOGETHER_API_KEY", "RECRAFT_API_TOKEN", "XAI_API_KEY", "LEGACY_API_KEY"), KEY
)
OWN: Final = load(EXAMPLES, VARIABLES).own_models
CARDS: Final = {one.id: one for one in OWN}
EACH = pytest.mark.parametrize("model", OWN, ids=lambda model: model.id)
SCHNELL, KONTEXT = CARDS["together:flux-schnell"], CARDS["together:flux-kontext-pro"]
RECRAFT = CARDS["recraft:recraftv4"]


def opened(url: str, environ: dict[str, str] | None = None) -> Catalogue:
    settings = load(toml(EXAMPLES, url), VARIABLES if environ is None else environ)
    cards = model_cards(settings.own_models)
    return open_catalogue(cards, access_of(settings), Here(), today=TODAY)


@pytest.fixture(scope="module")
def server() -> Iterator[CompatibleVendor]:
    with running_thread(CompatibleVendor()) as vendor:
        yield vendor


@pytest.fixture
def vendor(server: CompatibleVendor) -> CompatibleVendor:
    server.admin.reset()
    return server


@pytest.fixture
async def catalogue(vendor: CompatibleVendor) -> AsyncIterator[Catalogue]:
    one = await asyncio.to_thread(opened, vendor.url)
    yield one
    await one.close()


async def provider(catalogue: Catalogue, model: ModelCard) -> BlockingProvider:
    found = await asyncio.to_thread(catalogue.provider, model)
    assert found.answers == "blocking"
    return found


async def made(catalogue: Catalogue, model: ModelCard, **changes: Any) -> Delivered:
    return await (await provider(catalogue, model)).make(request(model, **changes))


# --- every example ---


def test_there_is_an_example_of_every_house() -> None:
    assert {one.provider for one in OWN} == set(HOUSES)


@EACH
async def test_each_example_makes_a_picture_at_its_price(
    catalogue: Catalogue, vendor: CompatibleVendor, model: ModelCard
) -> None:
    delivered = await made(catalogue, model)
    with Image.open(io.BytesIO(delivered.data)) as image:
        assert image.format == "PNG"
    assert delivered.cost_usd == model.price.usd_per_image
    state = vendor.admin.state()
    assert state["inputs"] == [payload(request(model))]
    assert state["refused"] == []


@EACH
def test_no_vendor_default_decides_in_the_examples(model: ModelCard) -> None:
    schema, sent = HOUSES[model.provider].schema, payload(request(model))
    left = {name for name, one in schema.items() if one.default is not None} - set(sent)
    assert left <= {"guidance_scale", "steps", "output_format", "disable_safety_checker"}
    assert set(sent) <= set(schema)


@EACH
def test_what_an_example_does_not_list_is_not_sent(model: ModelCard) -> None:
    sent = payload(
        request(model, seed=8, steps=3, cfg_scale=4.0, negative_prompt="text", file_format="webp")
    )
    assert ("seed" in sent) == (model.seed is not None)
    assert ("steps" in sent) == (model.steps is not None)
    assert not {"guidance_scale", "negative_prompt"} & set(sent)
    assert ("output_format" in sent) == bool(model.file_formats)


async def test_a_seed_draws_the_same_picture_again(catalogue: Catalogue) -> None:
    one, two, other = [await made(catalogue, SCHNELL, seed=seed) for seed in (5, 5, 6)]
    assert one.data == two.data
    assert one.data != other.data


async def test_a_picture_goes_in_as_a_data_url(
    catalogue: Catalogue, vendor: CompatibleVendor
) -> None:
    asked = request(KONTEXT, init_image=picture(colour="teal"))
    await (await provider(catalogue, KONTEXT)).make(asked)
    state = vendor.admin.state()
    assert state["refused"] == []
    assert state["inputs"] == [payload(asked)]
    assert state["inputs"][0]["image_url"] == asked.parameters.init_image


def test_references_follow_the_init_image_in_one_list() -> None:
    wire = KONTEXT.wire | {"init_image": "reference_images[]", "references": "reference_images[]"}
    model = ModelCard.model_validate(
        KONTEXT.model_dump() | {"wire": wire, "references": {"maximum": 3}}
    )
    sent = payload(request(model, init_image=picture(), references=(picture(colour="red"),)))
    assert len(sent["reference_images"]) == 2
    assert "image_url" not in sent


async def test_what_the_vendor_made_of_the_prompt_stands_with_the_picture(
    catalogue: Catalogue,
) -> None:
    delivered = await made(catalogue, CARDS["legacy:dall-e-3"])
    assert "A most detailed picture" in delivered.notes[0]


# --- keys and hosts ---


def test_each_endpoint_is_off_without_its_own_variable(vendor: CompatibleVendor) -> None:
    why = {one.card.id: one.why_off for one in opened(vendor.url, {}).entries}
    assert why["together:flux-schnell"] == "no key: set TOGETHER_API_KEY"
    assert why["recraft:recraftv4"] == "no key: set RECRAFT_API_TOKEN"
    assert why["studio:sdxl"] == "", "it wants none"
    assert "openai:gpt-image-2.5-flare" in why["openai:dall-e-3"]


def test_a_model_without_a_server_says_where_to_name_it() -> None:
    only_models = "\n".join(EXAMPLES.split("\n\n")[1:2])
    assert only_models.startswith("[[model]]")
    settings = load(only_models, {})
    cards = model_cards(settings.own_models)
    entries = open_catalogue(cards, access_of(settings), Here(), today=TODAY).entries
    (why,) = [one.why_off for one in entries if one.card.id == "studio:sdxl"]
    assert "[endpoints.studio]" in why


async def test_a_key_of_another_house_goes_nowhere_else(
    vendor: CompatibleVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, "of-this-machine")
    catalogue = await asyncio.to_thread(opened, vendor.url)
    await made(catalogue, SCHNELL)
    await catalogue.close()
    state = vendor.admin.state()
    assert (state["creates"], state["strange_headers"]) == (1, [])


async def test_a_picture_by_its_address_is_fetched_without_the_key(
    catalogue: Catalogue, vendor: CompatibleVendor
) -> None:
    await made(catalogue, RECRAFT)
    state = vendor.admin.state()
    assert (state["fetches"], state["file_keys"]) == (1, [])


@pytest.mark.parametrize(
    "host",
    [
        "http://169.254.169.254",
        "http://images.example.com",
        "https://10.0.0.1",
        "https://localhost",
        "https://printer.local",
        "https://gateway",
        "https://images.example.com:8443",
        "https://me@images.example.com",
        "file://",
    ],
)
async def test_a_picture_is_fetched_from_no_host_inside(
    catalogue: Catalogue, vendor: CompatibleVendor, host: str
) -> None:
    vendor.admin.set(files_host=host)
    with pytest.raises(BadReplyError) as caught:
        await made(catalogue, RECRAFT)
    assert caught.value.hint.endswith(".")
    assert vendor.admin.state()["fetches"] == 0


# --- failures, by the server's own name ---


@pytest.mark.parametrize(
    ("mode", "kind", "words"),
    [
        ("bad_key", RejectedError, "TOGETHER_API_KEY"),
        ("forbidden", RejectedError, "TOGETHER_API_KEY"),
        ("insufficient_credit", RejectedError, "no credit"),
        ("not_found", RejectedError, "--model"),
        ("refuse_moderation", RejectedError, "safety filter"),
        ("redirect", BadReplyError, "[endpoints.together]"),
        ("no_picture", BadReplyError, "no picture"),
        ("not_an_image", BadReplyError, "no picture"),
        ("broken_json", BadReplyError, "no picture"),
        ("endless", BadReplyError, "no picture"),
        ("500", UnavailableError, "not known"),
        ("not_json", UnavailableError, "not known"),
        ("cut", UnavailableError, "not known"),
    ],
)
async def test_a_failure_names_the_server_and_what_to_do(
    catalogue: Catalogue,
    vendor: CompatibleVendor,
    mode: str,
    kind: type[ProviderError],
    words: str,
) -> None:
    vendor.admin.fail("create", mode)
    with pytest.raises(kind) as caught:
        await made(catalogue, SCHNELL)
    assert words in caught.value.hint
    assert "OpenAI" not in caught.value.hint + caught.value.message
    assert getattr(caught.value, "maybe_billed", True)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("500", UnavailableError),
        ("429", UnavailableError),
        ("cut", UnavailableError),
        ("expired", BadReplyError),
        ("redirect", BadReplyError),
        ("not_an_image", BadReplyError),
        ("endless", BadReplyError),
    ],
)
async def test_a_picture_that_cannot_be_fetched_is_never_a_reason_to_pay_again(
    catalogue: Catalogue, vendor: CompatibleVendor, mode: str, kind: type[ProviderError]
) -> None:
    vendor.admin.fail("fetch", mode)
    with pytest.raises(kind) as caught:
        await made(catalogue, RECRAFT)
    assert getattr(caught.value, "maybe_billed", True)
    assert vendor.admin.state()["creates"] == 1


async def test_a_field_that_the_server_does_not_know_is_a_refusal_that_names_it(
    catalogue: Catalogue, vendor: CompatibleVendor
) -> None:
    strange = SCHNELL.model_copy(update={"settings": {"frames": 9}})
    with pytest.raises(RejectedError, match="frames"):
        await (await provider(catalogue, SCHNELL)).make(request(strange))
    assert vendor.admin.state()["creates"] == 0
