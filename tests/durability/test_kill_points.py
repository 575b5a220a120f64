"""Killed at ten named points and started again: every run ends, and nothing is paid twice."""

import hashlib
import json
import os
import signal
from typing import Any, Final

import pytest

from tests.durability.house import MODELS, House, Process
from tests.durability.points import MORE, POINTS
from tests.vendors.loopback import Vendor
from tests.vendors.openai import OpenAIVendor
from tests.vendors.replicate import ReplicateVendor

PROVIDERS: Final = ("sketch", "replicate", "openai")
COUNT: Final = 2
SEEDS: Final = (7, 8)
CUT_BY_THE_VENDOR: Final = {
    ("in-the-call", "replicate"): "create",
    ("in-the-call", "openai"): "create",
    ("after-submit", "openai"): "create_received",
}
"""Where the vendor holds the requests while the process is killed: registered, or only arrived."""
IN_DOUBT: Final = frozenset({"after-the-intent", "in-the-call", "after-submit", "after-the-answer"})
"""From the intent to the picture nobody knows what became of a blocking call."""
MORE_IN_DOUBT: Final = frozenset({"after-the-receipt"})
EXTRA: Final = (
    ("after-begin", "sketch"),
    ("submit-answered", "replicate"),
    ("after-the-receipt", "sketch"),
    ("after-the-receipt", "replicate"),
    ("after-the-receipt", "openai"),
    ("the-card-posted", "sketch"),
    ("after-the-end", "sketch"),
)


def cases(points: Any) -> list[Any]:
    return [pytest.param(point, provider, id=f"{point}-{provider}") for point, provider in points]


@pytest.mark.parametrize(
    ("point", "provider"), cases((point, one) for point in POINTS for one in PROVIDERS)
)
def test_kill(
    point: str,
    provider: str,
    house: House,
    replicate_vendor: ReplicateVendor,
    openai_vendor: OpenAIVendor,
) -> None:
    vendor = {"replicate": replicate_vendor, "openai": openai_vendor}.get(provider)
    in_doubt = provider == "openai" and point in IN_DOUBT
    killed_and_started_again(house, point, provider, vendor)
    judged(house, provider, vendor, in_doubt=in_doubt)


@pytest.mark.parametrize(("point", "provider"), cases(EXTRA))
def test_kill_elsewhere(
    point: str,
    provider: str,
    house: House,
    replicate_vendor: ReplicateVendor,
    openai_vendor: OpenAIVendor,
) -> None:
    vendor = {"replicate": replicate_vendor, "openai": openai_vendor}.get(provider)
    killed_and_started_again(house, point, provider, vendor)
    judged(house, provider, vendor, in_doubt=provider == "openai" and point in MORE_IN_DOUBT)
    if point == "the-card-posted":
        assert [line["does"] for line in house.told()][:2] == ["post", "post-again"]


def test_there_are_ten_points_and_the_issue_s_are_among_them() -> None:
    assert len(POINTS) == 10
    assert not set(POINTS) & set(MORE)
    assert set(POINTS) >= {
        "after-the-row",
        "after-submit",
        "after-the-answer",
        "after-the-bytes",
        "between-two-artworks",
        "while-the-card-is-told",
    }


def killed_and_started_again(
    house: House, point: str, provider: str, vendor: Vendor | None
) -> Process:
    line = f"imagine a red fox :: in the snow at dusk --count {COUNT} --model {MODELS[provider]}"
    said = {"line": line + ("" if provider == "openai" else " --seed 7"), "key": "event-1"}
    held = CUT_BY_THE_VENDOR.get((point, provider))
    if held and vendor:
        vendor.admin.hold(held)
    first = house.start([said], point=point, provider=provider)
    if held and vendor:
        house.until(lambda: vendor.admin.state()["held"].get(held, 0) == COUNT, first)
        os.kill(first.pid, signal.SIGKILL)
        # The vendor sees the connection cut; what had only arrived is carried out all the same.
        vendor.admin.release()
    assert first.ended() == -signal.SIGKILL
    # A platform that got no answer delivers the event again.
    second = house.start([said], provider=provider)
    house.until(house.settled, second)
    second.kill()
    return second


def judged(house: House, provider: str, vendor: Vendor | None, *, in_doubt: bool) -> None:
    (run,) = house.rows("SELECT * FROM runs")
    artworks = house.rows("SELECT * FROM artworks ORDER BY number")
    assert (run["state"], run["stage"]) == ("unknown" if in_doubt else "done", "ended")
    every_image_has_one_story(house, run, artworks)
    the_files_are_the_artworks(house, artworks)
    paid_once(provider, vendor, artworks, in_doubt=in_doubt)
    money_is_single(house, run, artworks)
    told_once(house, run)
    if in_doubt:
        ((label, line, confirm),) = [b for b in house.told()[-1]["buttons"] if b[0] == "Retry"]
        assert (label, line) == ("Retry", f"retry --in {run['id']}")
        assert "pay twice" in confirm
    else:
        assert [one["number"] for one in artworks] == [1, 2]


def every_image_has_one_story(
    house: House, run: dict[str, Any], artworks: list[dict[str, Any]]
) -> None:
    attempts = house.rows("SELECT * FROM attempts ORDER BY number")
    assert [one["number"] for one in attempts] == [1, 2]
    assert [one["key"] for one in attempts] == [f"{run['id']}:{number}:1" for number in (1, 2)]
    states = {one["number"]: one["state"] for one in attempts}
    made = {one["number"] for one in artworks}
    assert states == {number: "stored" if number in made else "unknown" for number in (1, 2)}
    seeds = json.loads(run["seeds_json"])
    for one in artworks:
        asked = json.loads(one["parameters_json"])["seed"]
        assert one["seed"] == asked
        assert asked in (None, seeds[one["number"] - 1])


def the_files_are_the_artworks(house: House, artworks: list[dict[str, Any]]) -> None:
    for one in artworks:
        data = (house.data / one["output_path"]).read_bytes()
        assert one["digest"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert one["size_bytes"] == len(data)
    assert not list((house.data / "artifacts").rglob(".*"))  # half-written ones


def paid_once(
    provider: str, vendor: Vendor | None, artworks: list[dict[str, Any]], *, in_doubt: bool
) -> None:
    if vendor is None:
        assert [one["seed"] for one in artworks] == list(SEEDS)
        return
    state = vendor.admin.state()
    assert state["creates"] <= COUNT
    if provider == "replicate":
        assert sorted(state["seeds"]) == list(SEEDS)
    if not in_doubt:
        assert state["creates"] == COUNT
    else:
        assert state["creates"] >= len(artworks)


def money_is_single(house: House, run: dict[str, Any], artworks: list[dict[str, Any]]) -> None:
    ledger = house.rows("SELECT * FROM ledger")
    by_kind = {kind: [one for one in ledger if one["kind"] == kind] for kind in KINDS}
    quoted = json.loads(run["quote_json"])["usd"]
    assert [one["usd"] for one in by_kind["reserve"]] == ([quoted] if quoted else [])
    assert [one["usd"] for one in by_kind["release"]] == ([-quoted] if quoted else [])
    settled = {one["key"]: one["usd"] for one in by_kind["settle"]}
    for one in artworks:
        assert settled[f"{run['id']}:{one['number']}:1:settle"] == one["cost_usd"]
    assert (run["cost_usd"] or 0) == pytest.approx(sum(settled.values()))
    assert sum(one["usd"] for one in ledger) == pytest.approx(sum(settled.values()))


KINDS: Final = ("reserve", "release", "settle")


def told_once(house: House, run: dict[str, Any]) -> None:
    (card,) = house.rows("SELECT * FROM outbox WHERE kind = 'card'")
    assert card["key"] == f"card:{run['id']}"
    assert card["sent"] == card["wanted"] == run["revision"]
    told = house.told()
    assert [line["key"] for line in told if line["does"] == "post"] == [card["key"]]
    assert {line["key"] for line in told if line["does"] == "edit"} <= {card["message_ref"]}
    assert told[-1]["state"] == run["state"]
    (inbox,) = house.rows("SELECT * FROM inbox")
    assert (inbox["key"], inbox["run_id"], inbox["outcome"]) == ("event-1", run["id"], "run")
