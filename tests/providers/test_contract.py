"""What the pipeline relies on, asked of each adapter over its real SDK and a loopback vendor."""

import asyncio
import io
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from PIL import Image

from domain.errors import (
    BadReplyError,
    ProviderError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
)
from domain.model import ModelCard
from domain.ports import (
    Delivered,
    ImageRequest,
    Provider,
)
from tests.providers.conftest import SLOW_MODES
from tests.providers.given import card, request
from tests.providers.rows import QUICK_S, ROWS, Row
from tests.vendors.loopback import Vendor, running, running_thread


@dataclass(frozen=True, slots=True)
class Pair:
    """An adapter, its vendor and its model."""

    row: Row
    provider: Provider
    vendor: Vendor
    model: ModelCard

    async def make(self, **changes: Any) -> Delivered:
        """Make one image to the end, whichever way the vendor answers."""
        return await self.finish(request(self.model, **changes))

    async def finish(self, asked: ImageRequest) -> Delivered:
        """Have the vendor make what is asked for."""
        if self.provider.answers == "blocking":
            return await self.provider.make(asked)
        job = await self.provider.submit(asked)
        async with asyncio.timeout(30):
            while True:
                state = await self.provider.poll(job)
                if state.output:
                    return await self.provider.fetch(state.output)
                await asyncio.sleep(0.01)


async def stranger(pair: Pair, url: str, key: str | None = None) -> Pair:
    """Return the same model behind another address or key."""
    provider = await asyncio.to_thread(pair.row.open, url, key or pair.vendor.key, pair.model, None)
    return Pair(pair.row, provider, pair.vendor, pair.model)


@pytest.fixture(scope="module", params=ROWS, ids=lambda row: row.name)
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Row, Vendor]]:
    with running_thread(request.param.vendor()) as vendor:
        yield request.param, vendor


@pytest.fixture
async def pair(served: tuple[Row, Vendor], request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    row, vendor = served
    vendor.admin.reset()
    vendor.admin.set(**row.brisk)
    slow = request.node.callspec.params.get("mode") in SLOW_MODES
    limit_s = QUICK_S if slow else None
    model = card(row.model, **({"timeout_s": limit_s} if limit_s else {}))
    provider = await asyncio.to_thread(row.open, vendor.url, vendor.key, model, limit_s)
    one = Pair(row, provider, vendor, model)
    yield one
    await one.provider.close()


async def test_a_picture_comes_as_the_vendors_png_bytes_of_the_size_asked(pair: Pair) -> None:
    made = await pair.make()
    with Image.open(io.BytesIO(made.data)) as image:
        assert image.format == "PNG"
        assert image.size == pair.row.size


async def test_one_image_is_one_create_call_also_when_it_is_asked_for_with_a_count(
    pair: Pair,
) -> None:
    await pair.make(count=4)
    state = pair.vendor.admin.state()
    assert state["creates"] == 1
    assert {one.get("num_outputs", one.get("n", 1)) for one in state["inputs"]} == {1}


async def test_the_seed_is_what_the_vendor_reports_or_none(pair: Pair) -> None:
    made = await pair.make()
    assert made.seed == (7 if pair.model.seed else None)


async def test_the_cost_is_what_the_vendor_reports(pair: Pair) -> None:
    made = await pair.make()
    assert made.cost_usd == pair.row.cost


async def test_the_price_is_dated_and_has_a_source(pair: Pair) -> None:
    assert pair.model.price.source
    assert pair.model.price.as_of.year >= 2026


async def test_a_key_that_is_not_accepted_says_which_variable_to_look_at(pair: Pair) -> None:
    other = await stranger(pair, pair.vendor.url, "wrong")
    with pytest.raises(RejectedError) as caught:
        await other.make()
    await other.provider.close()
    assert pair.row.variable in caught.value.hint
    assert pair.vendor.admin.state()["creates"] == 0
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(
    ("mode", "more", "kind", "maybe_billed"),
    [
        ("429", {"retry_after": "11"}, RateLimitedError, None),
        ("refuse_moderation", {}, RejectedError, None),
        ("insufficient_credit", {}, RejectedError, None),
        ("forbidden", {}, RejectedError, None),
        ("not_found", {}, RejectedError, None),
        ("status", {"status": 400}, RejectedError, None),
        ("status", {"status": 409}, RejectedError, None),
        ("status", {"status": 413}, RejectedError, None),
        ("status", {"status": 422}, RejectedError, None),
        ("status", {"status": 307}, BadReplyError, None),
        ("status", {"status": 408}, UnavailableError, True),
        ("500", {}, UnavailableError, True),
        ("502", {}, UnavailableError, True),
        ("503", {}, UnavailableError, True),
        ("cut", {}, UnavailableError, True),
        ("timeout", {}, UnavailableError, True),
        ("slow_drip", {"delay_s": 9.0}, UnavailableError, True),
    ],
)
async def test_a_create_call_that_fails_becomes_one_of_our_errors(
    pair: Pair,
    mode: str,
    more: dict[str, object],
    kind: type[ProviderError],
    maybe_billed: bool | None,  # noqa: FBT001 -- a table's column
) -> None:
    pair.vendor.admin.fail("create", mode, **more)
    with pytest.raises(kind) as caught:
        await pair.make()
    assert caught.value.hint.endswith(".")
    billed = maybe_billed and pair.row.billed_unseen if maybe_billed is not None else None
    assert getattr(caught.value, "maybe_billed", None) == billed
    assert pair.vendor.admin.state()["calls"]["create"] == 1, "an adapter never tries again"


async def test_a_redirected_create_call_is_not_sent_again_elsewhere(pair: Pair) -> None:
    async with running(type(pair.vendor)(pair.vendor.key)) as other:
        pair.vendor.admin.set(redirect_to=other.url + pair.row.create_path)
        pair.vendor.admin.fail("create", "redirect")
        with pytest.raises(BadReplyError):
            await pair.make()
        assert other.admin.state()["calls"] == {}


@pytest.mark.parametrize("mode", ["broken_json", "wrong_type", "endless"])
async def test_an_answer_that_is_none_is_never_a_reason_to_pay_again(pair: Pair, mode: str) -> None:
    pair.vendor.admin.fail("create", mode)
    with pytest.raises((BadReplyError, UnavailableError)) as caught:
        await pair.make()
    assert getattr(caught.value, "maybe_billed", True)


async def test_a_rate_limit_carries_its_seconds(pair: Pair) -> None:
    for retry_after, expected in (("11", 11.0), ("", pair.row.retry_s)):
        pair.vendor.admin.fail("create", "429", retry_after=retry_after)
        with pytest.raises(RateLimitedError) as caught:
            await pair.make()
        assert caught.value.retry_after_s == expected


async def test_a_refused_connection_is_surely_not_billed(pair: Pair) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = f"http://127.0.0.1:{listener.getsockname()[1]}"
    nowhere = await stranger(pair, closed)
    with pytest.raises(UnavailableError) as caught:
        await nowhere.make()
    await nowhere.provider.close()
    assert not caught.value.maybe_billed


async def test_every_error_names_its_model_and_keeps_its_cause(pair: Pair) -> None:
    pair.vendor.admin.fail("create", "500")
    with pytest.raises(ProviderError) as caught:
        await pair.make()
    assert caught.value.model in (pair.model.id, pair.model.name)
    assert caught.value.__cause__ is not None


async def test_a_prompt_that_no_wire_carries_is_refused_and_not_billed(pair: Pair) -> None:
    asked = request(pair.model)
    prompt = asked.parameters.model_copy(update={"prompt": "a fox \ud83e"})
    broken = replace(asked, parameters=prompt)
    blocking = pair.provider.answers == "blocking"
    with pytest.raises(RejectedError):
        await getattr(pair.provider, "make" if blocking else "submit")(broken)
    assert pair.vendor.admin.state()["creates"] == 0


async def test_a_wait_that_is_cancelled_stays_cancelled(pair: Pair) -> None:
    pair.vendor.admin.hold("create")
    task = asyncio.ensure_future(pair.make())
    await pair.vendor.admin.until_held("create")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    pair.vendor.admin.release()
    assert pair.vendor.admin.state()["creates"] == 1


async def test_the_same_prompt_as_sent_stands_in_the_vendors_log(pair: Pair) -> None:
    prompt = "ein rötlicher Fuchs 🦊 «im Schnee»\n\u202e"
    await pair.make(prompt=prompt)
    assert pair.vendor.admin.state()["prompts"] == [prompt]


async def test_the_key_is_not_shown_by_repr(pair: Pair) -> None:
    assert pair.vendor.key not in repr(pair.provider)
    assert pair.vendor.key not in str(vars(pair.provider))


async def test_the_environment_of_the_sdks_changes_neither_key_nor_address(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "OPENAI_BASE_URL", "REPLICATE_BASE_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "REPLICATE_API_TOKEN"):
        monkeypatch.setenv(name, "not-this-one")
    other = await stranger(pair, pair.vendor.url)
    assert (await other.make()).data
    await other.provider.close()
