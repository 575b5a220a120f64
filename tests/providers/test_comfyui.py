"""A ComfyUI server: workflows filled in, jobs followed on two ways, cancelled alone, warmed."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.errors import (
    BadReplyError,
    NotConfiguredError,
    ProviderError,
    RejectedError,
    UnavailableError,
)
from domain.model import LoRAUsed, ModelCard
from domain.picture import Picture
from domain.ports import Delivered, ImageRequest, Job, JobState, Output, Warming
from providers.comfyui.api import Limits, parsed
from providers.comfyui.live import Live
from providers.comfyui.provider import ComfyUIProvider
from providers.comfyui.wire import prompt_id
from providers.comfyui.workflow import SHIPPED, WorkflowError, read
from tests.providers.given import card, cards, control_used, picture, request
from tests.vendors.comfyui import ComfyUIVendor, running_thread

SDXL = "comfyui:sdxl"
OWN = [one for one in cards().values() if one.provider == "comfyui"]
EACH = pytest.mark.parametrize("model", OWN, ids=lambda model: model.name)
MAPS = [one for one in OWN if one.makes_map]
IMAGES = [one for one in OWN if not one.makes_map]
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[ComfyUIVendor]:
    with running_thread(ComfyUIVendor()) as vendor:
        yield vendor


@pytest.fixture
def vendor(server: ComfyUIVendor) -> ComfyUIVendor:
    server.admin.reset()
    server.admin.set(step_s=0.0)
    return server


def opened(vendor: ComfyUIVendor, **more: Any) -> ComfyUIProvider:
    environment = vendor.environment()
    given: dict[str, Any] = {"headers": environment["COMFYUI_HEADERS"]} | more
    return ComfyUIProvider(environment["COMFYUI_URL"], given.pop("cards", OWN), **given)


@pytest.fixture
async def comfy(vendor: ComfyUIVendor) -> AsyncIterator[ComfyUIProvider]:
    provider = await asyncio.to_thread(opened, vendor)
    yield provider
    await provider.close()


async def until(comfy: ComfyUIProvider, job: Job, phase: str, share: float = 0.0) -> JobState:
    async with asyncio.timeout(30):
        while True:
            state = await comfy.poll(job)
            if state.phase == phase and (state.progress or 0.0) >= share:
                return state
            await asyncio.sleep(0.01)


async def fetched(comfy: ComfyUIProvider, job: Job) -> Delivered:
    state = await until(comfy, job, "done")
    assert state.output
    return await comfy.fetch(state.output)


def asked(model: ModelCard | None = None, key: str = "run-1/1", **changes: Any) -> ImageRequest:
    return replace(request(model or card(SDXL), **changes), key=key)


# --- every workflow ---


@pytest.mark.parametrize("model", MAPS, ids=lambda model: model.name)
async def test_each_preprocessor_makes_a_map_in_the_shape_of_the_photo(
    comfy: ComfyUIProvider, model: ModelCard
) -> None:
    photo = picture(size=(300, 200))
    made = await fetched(comfy, await comfy.submit(asked(model, init_image=photo)))
    image = Picture.open(made.data).image
    assert (image.width, image.height) == (1536, 1024)
    assert made.seed is None


@pytest.mark.parametrize("model", IMAGES, ids=lambda model: model.name)
async def test_each_workflow_makes_a_picture_of_the_size_asked_with_the_seed_asked(
    comfy: ComfyUIProvider, model: ModelCard
) -> None:
    made = await fetched(comfy, await comfy.submit(asked(model, seed=4294967295)))
    image = Picture.open(made.data).image
    assert (image.width, image.height) == (1024, 640)
    assert made.seed == 4294967295


@EACH
async def test_what_is_sent_is_the_payload_with_pictures_by_content(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor, model: ModelCard
) -> None:
    one = asked(model)
    await comfy.submit(one)
    state = vendor.admin.state()
    shown, (sent,) = comfy.payload(one)["prompt"], state["inputs"]
    differ = [
        (node, name)
        for node, told in shown.items()
        for name, value in told["inputs"].items()
        if sent[node]["inputs"][name] != value
    ]
    assert sent.keys() == shown.keys()
    for node, name in differ:
        assert shown[node]["inputs"][name].startswith("sha256:")
        assert sent[node]["inputs"][name] in state["uploads"]
    assert len({sent[node]["inputs"][name] for node, name in differ}) == len(state["uploads"])


async def test_three_controls_two_loras_and_a_locked_seed_are_one_request(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor
) -> None:
    model = card("comfyui:sdxl-control")
    maps = {
        kind: picture(colour=kind_colour)
        for kind, kind_colour in zip(model.controls, ("red", "green", "blue"), strict=True)
    }
    used = tuple(
        control_used(model, data, kind=kind, weight=0.6, end=0.8) for kind, data in maps.items()
    )
    loras = (LoRAUsed(name="fox", weight=0.7), LoRAUsed(name="ink.safetensors", weight=-0.5))
    one = asked(model, controls=tuple(maps.values()), loras=loras, seed=11)
    parameters = one.parameters.model_copy(update={"controls": used})
    await fetched(comfy, await comfy.submit(replace(one, parameters=parameters)))
    (graph,) = vendor.admin.state()["inputs"]
    classes = [told["class_type"] for told in graph.values()]
    assert classes.count("ControlNetApplyAdvanced") == 3
    assert [
        (told["inputs"]["lora_name"], told["inputs"]["strength_clip"])
        for told in graph.values()
        if told["class_type"] == "LoraLoader"
    ] == [("fox.safetensors", 0.7), ("ink.safetensors", -0.5)]
    applied = [one["inputs"] for one in graph.values() if "end_percent" in one["inputs"]]
    assert {(one["strength"], one["end_percent"]) for one in applied} == {(0.6, 0.8)}
    assert vendor.admin.state()["seeds"] == [11]


def test_nodes_that_are_not_asked_for_are_left_out_with_all_that_only_they_need() -> None:
    provider = ComfyUIProvider("http://127.0.0.1:9", OWN)
    classes = [
        one["class_type"]
        for one in provider.payload(asked(card("comfyui:sdxl-control")))["prompt"].values()
    ]
    assert classes.count("ControlNetLoader") == 1
    assert "LoraLoader" not in classes
    plain = provider.payload(asked())["prompt"]
    assert plain["10"]["inputs"]["model"] == ["1", 0]
    assert plain["4"]["inputs"]["clip"] == ["1", 1]


async def test_a_mask_goes_in_as_it_is_since_white_is_repainted_there_too(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor
) -> None:
    model = card("comfyui:sdxl-inpaint")
    mask = picture(mode="L", colour="white")
    await comfy.submit(asked(model, mask=mask, denoising_strength=0.4))
    (graph,) = vendor.admin.state()["inputs"]
    (loader,) = (one for one in graph.values() if one["class_type"] == "LoadImageMask")
    assert loader["inputs"]["channel"] == "red"
    assert graph["10"]["inputs"]["denoise"] == 0.4


async def test_a_picture_that_the_server_renames_is_named_as_the_server_says(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor
) -> None:
    vendor.admin.fail("upload", "renamed")
    await comfy.submit(asked(card("comfyui:sdxl-image")))
    (graph,) = vendor.admin.state()["inputs"]
    assert graph["7"]["inputs"]["image"].endswith(" (1).png")


# --- a team's own workflow ---


def exported(folder: Path, **changes: Any) -> str:
    graph = json.loads((SHIPPED / "sdxl.json").read_text(encoding="utf-8"))
    for node, title in changes.items():
        graph[node.strip("_")]["_meta"]["title"] = title
    (folder / "own").mkdir(exist_ok=True)
    (folder / "own" / "ours.json").write_text(json.dumps(graph), encoding="utf-8")
    return "own/ours.json"


async def test_a_workflow_in_the_teams_folder_is_a_model(
    vendor: ComfyUIVendor, tmp_path: Path
) -> None:
    source = await asyncio.to_thread(exported, tmp_path)
    own = card(SDXL, id="comfyui:ours", source=source)
    provider = await asyncio.to_thread(opened, vendor, cards=[own], folder=str(tmp_path))
    assert (await fetched(provider, await provider.submit(asked(own)))).data
    await provider.close()


def test_a_node_without_a_mark_is_named_by_the_cards_wire(tmp_path: Path) -> None:
    source = exported(tmp_path, _10="My sampler")
    wire = {"seed": "My sampler.seed", "steps": "10.steps", "cfg_scale": "10.cfg"}
    wire |= {"cfg": "10.cfg", "sampler_name": "10.sampler_name", "scheduler": "10.scheduler"}
    own = card(SDXL, id="comfyui:ours", source=source, wire=wire)
    provider = ComfyUIProvider("http://127.0.0.1:9", [own], folder=str(tmp_path))
    sent = provider.payload(asked(own, seed=5, steps=9))["prompt"]["10"]["inputs"]
    assert (sent["seed"], sent["steps"]) == (5, 9)


def test_what_the_card_lists_and_no_node_takes_is_said_with_its_mark(tmp_path: Path) -> None:
    own = card(SDXL, id="comfyui:ours", source=exported(tmp_path, _10="KSampler"))
    provider = ComfyUIProvider("http://127.0.0.1:9", [own], folder=str(tmp_path))
    with pytest.raises(NotConfiguredError, match="handler:seed"):
        provider.payload(asked(own))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"nodes": [], "links": []}', "Export"),
        ("{", "cannot be read"),
        ("[]", "no API workflow"),
        ('{"1": {"class_type": "X"}}', "no API workflow"),
        ('{"1": {"class_type": "X", "inputs": {}}}', "saves no picture"),
    ],
)
def test_a_file_that_is_no_workflow_is_said_to_be_none(
    tmp_path: Path, text: str, says: str
) -> None:
    (tmp_path / "w.json").write_text(text, encoding="utf-8")
    with pytest.raises(WorkflowError, match=says):
        read("w.json", str(tmp_path))


@pytest.mark.parametrize("source", ["../secret.json", "/etc/passwd", "", "none.json"])
async def test_a_workflow_is_only_looked_for_in_its_folder(source: str, tmp_path: Path) -> None:
    with pytest.raises(WorkflowError):
        await asyncio.to_thread(read, source, str(tmp_path))


# --- following a job ---


async def test_progress_and_previews_come_over_the_websocket(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor
) -> None:
    vendor.admin.hold("run")
    vendor.admin.hold("finish")
    job = await comfy.submit(asked(steps=10))
    assert (await until(comfy, job, "queued")).progress is None
    await listening(vendor)
    vendor.admin.release("run")
    state = await until(comfy, job, "running", share=0.5)
    polls = vendor.admin.state()["polls"]
    await comfy.poll(job)
    assert state.progress == 0.5
    assert vendor.admin.state()["polls"] == polls, "while the line speaks nothing is asked"
    async with asyncio.timeout(10):
        while not comfy.preview(job):  # noqa: ASYNC110 -- it comes over the wire
            await asyncio.sleep(0.01)
    assert Picture.open(comfy.preview(job)).width_px == 64
    vendor.admin.release()
    assert (await fetched(comfy, job)).data
    assert comfy.preview(job) == b""


async def listening(vendor: ComfyUIVendor) -> None:
    async with asyncio.timeout(10):
        while not vendor.admin.state()["listening"]:  # noqa: ASYNC110 -- over the wire
            await asyncio.sleep(0.01)


async def test_without_a_websocket_the_job_is_asked_after(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor
) -> None:
    vendor.admin.set(no_websocket=True)
    vendor.admin.hold("finish")
    job = await comfy.submit(asked())
    assert (await until(comfy, job, "running")).progress is None
    vendor.admin.release()
    assert (await fetched(comfy, job)).data


async def test_a_websocket_that_breaks_midway_is_followed_by_asking(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor
) -> None:
    vendor.admin.set(lose_line_at=8)
    for point in ("run", "finish"):
        vendor.admin.hold(point)
    job = await comfy.submit(asked(steps=10))
    await until(comfy, job, "queued")
    await listening(vendor)
    vendor.admin.release("run")
    await until(comfy, job, "running", share=0.5)
    vendor.admin.release()
    assert (await fetched(comfy, job)).data
    assert vendor.admin.state()["calls"]["ws"] == 1


async def test_a_restart_in_the_middle_finds_the_job_and_follows_it_to_its_end(
    vendor: ComfyUIVendor,
) -> None:
    vendor.admin.hold("finish")
    before = await asyncio.to_thread(opened, vendor)
    await before.submit(asked())
    await before.close()
    after = await asyncio.to_thread(opened, vendor)
    job = await after.find(asked(), LONG_AGO)
    assert job
    await until(after, job, "running")
    vendor.admin.release()
    assert (await fetched(after, job)).seed == 7
    assert vendor.admin.state()["creates"] == 1
    await after.close()


async def test_a_job_that_was_never_created_is_not_found(comfy: ComfyUIProvider) -> None:
    assert await comfy.find(asked(), LONG_AGO) is None


async def test_the_same_image_asked_for_again_is_not_run_again(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor
) -> None:
    first = await comfy.submit(asked())
    assert await comfy.submit(asked()) == first
    await fetched(comfy, first)
    assert await comfy.submit(asked()) == first
    await comfy.submit(asked(key="run-1/2"))
    assert vendor.admin.state()["by_request"] == {
        prompt_id("run-1/1"): 1,
        prompt_id("run-1/2"): 1,
    }


async def test_a_create_call_whose_answer_is_lost_is_found_by_the_next(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor
) -> None:
    vendor.admin.fail("create", "cut")
    with pytest.raises(UnavailableError) as caught:
        await comfy.submit(asked())
    assert not caught.value.maybe_billed
    assert (await fetched(comfy, await comfy.submit(asked()))).data
    assert vendor.admin.state()["creates"] == 1


def test_ids_of_jobs_are_canonical_uuids_and_the_same_for_the_same_image() -> None:
    assert prompt_id("a") == prompt_id("a") != prompt_id("b")
    assert str(uuid.UUID(prompt_id("a"))) == prompt_id("a")


# --- several at once ---


async def test_two_clients_hear_each_of_their_own_job(vendor: ComfyUIVendor) -> None:
    one, two = [await asyncio.to_thread(opened, vendor) for _ in range(2)]
    jobs = [await one.submit(asked(key="a/1")), await two.submit(asked(key="b/1", seed=8))]
    made = [await fetched(one, jobs[0]), await fetched(two, jobs[1])]
    assert [each.seed for each in made] == [7, 8]
    assert made[0].data != made[1].data
    await one.close()
    await two.close()


async def test_cancel_takes_ours_out_of_the_queue_while_somebody_elses_runs(
    vendor: ComfyUIVendor,
) -> None:
    vendor.admin.hold("finish")
    other, ours = [await asyncio.to_thread(opened, vendor) for _ in range(2)]
    theirs = await other.submit(asked(key="theirs"))
    await until(other, theirs, "running")
    mine = await ours.submit(asked(key="mine"))
    await ours.cancel(mine)
    await ours.cancel(mine)
    state = vendor.admin.state()
    assert state["deletes"] == [{"delete": [prompt_id("mine")]}]
    assert state["interrupts"] == []
    vendor.admin.release()
    assert (await fetched(other, theirs)).data
    assert vendor.admin.state()["ended"] == [prompt_id("theirs")]
    await other.close()
    await ours.close()


async def test_cancel_interrupts_ours_by_its_id_while_it_runs(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor
) -> None:
    vendor.admin.hold("finish")
    job = await comfy.submit(asked())
    await until(comfy, job, "running")
    await comfy.cancel(job)
    vendor.admin.release()
    assert (await until(comfy, job, "cancelled")).output is None
    await comfy.cancel(job)
    assert vendor.admin.state()["interrupts"] == [{"prompt_id": prompt_id("run-1/1")}]


# --- a machine that starts ---


class Hours:
    """A clock on which a wait takes no time, but counts."""

    def __init__(self, vendor: ComfyUIVendor, cold_s: float) -> None:
        self._vendor = vendor
        self._cold_s = cold_s
        self.now_s = 0.0

    def monotonic_s(self) -> float:
        return self.now_s

    async def sleep(self, delay_s: float) -> None:
        if self.now_s + delay_s < self._cold_s:
            admin = self._vendor.admin
            while "stats" not in (await asyncio.to_thread(admin.state))["held"]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            self.now_s += delay_s
            return
        await asyncio.to_thread(self._vendor.admin.release, "stats")
        await asyncio.Event().wait()


async def test_a_cold_start_of_200_s_is_waited_for_in_looks_of_less_than_150(
    vendor: ComfyUIVendor,
) -> None:
    vendor.admin.hold("stats")
    clock = Hours(vendor, cold_s=200.0)
    comfy = await asyncio.to_thread(opened, vendor, clock=clock)
    assert isinstance(comfy, Warming)
    assert Limits().warm_ask_s < 150.0
    await comfy.warm()
    assert clock.now_s >= 140.0
    assert vendor.admin.state()["calls"] == {"stats": 2}
    await comfy.close()


@pytest.mark.parametrize("mode", ["502", "503", "303"])
async def test_a_gateway_that_still_waits_is_no_failure(vendor: ComfyUIVendor, mode: str) -> None:
    vendor.admin.fail("stats", mode, times=2)
    comfy = await asyncio.to_thread(opened, vendor, clock=Quick())
    await comfy.warm()
    assert vendor.admin.state()["calls"]["stats"] == 3
    await comfy.close()


class Quick:
    """A clock whose short waits are none, and whose long ones never end."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic_s(self) -> float:
        return self.now_s

    async def sleep(self, delay_s: float) -> None:
        if delay_s > 60:
            await asyncio.Event().wait()
        self.now_s += 100.0


async def test_a_server_that_never_starts_is_down_in_the_end(vendor: ComfyUIVendor) -> None:
    vendor.admin.fail("stats", "503", times=20)
    comfy = await asyncio.to_thread(opened, vendor, clock=Quick())
    with pytest.raises(UnavailableError):
        await comfy.warm()
    assert vendor.admin.state()["calls"]["stats"] == 7
    await comfy.close()


async def test_a_server_that_nobody_started_is_not_waited_for(vendor: ComfyUIVendor) -> None:
    comfy = await asyncio.to_thread(ComfyUIProvider, "http://127.0.0.1:9", OWN, clock=Quick())
    with pytest.raises(UnavailableError, match="could not be reached") as caught:
        await comfy.warm()
    assert "COMFYUI_URL" in caught.value.hint
    await comfy.close()
    stranger = await asyncio.to_thread(opened, vendor, headers="")
    with pytest.raises(RejectedError) as refused:
        await stranger.warm()
    assert "COMFYUI_HEADERS" in refused.value.hint
    await stranger.close()


# --- what goes wrong ---


async def refused(comfy: ComfyUIProvider, one: ImageRequest) -> RejectedError:
    with pytest.raises(RejectedError) as caught:
        await comfy.submit(one)
    assert caught.value.hint
    return caught.value


async def test_a_lora_that_is_not_there_is_named_with_its_place_and_those_that_are(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor
) -> None:
    error = await refused(comfy, asked(loras=(LoRAUsed(name="cat"),)))
    assert error.message.startswith("handler:lora 1: Value not in list")
    assert "Put cat.safetensors into models/loras" in error.hint
    assert "ink.safetensors" in error.hint
    assert vendor.admin.state()["creates"] == 0


async def test_a_checkpoint_that_is_not_there_is_named(comfy: ComfyUIProvider) -> None:
    model = card(SDXL)
    error = await refused(comfy, asked(settings=model.settings | {"ckpt_name": "other.ckpt"}))
    assert "Put other.ckpt into models/checkpoints" in error.hint


async def test_a_sampler_that_is_not_there_is_named(comfy: ComfyUIProvider) -> None:
    model = card(SDXL)
    error = await refused(comfy, asked(settings=model.settings | {"sampler_name": "magic"}))
    assert "'magic' is no sampler_name" in error.hint


async def test_a_custom_node_that_is_not_there_is_named(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor
) -> None:
    vendor.admin.set(missing_node="DWPreprocessor")
    model = card("comfyui:sdxl-photo-control")
    used = (control_used(model, picture(), kind="pose"),)
    one = asked(model)
    parameters = one.parameters.model_copy(update={"controls": used})
    error = await refused(comfy, replace(one, parameters=parameters))
    assert "DWPreprocessor does not exist" in error.message
    assert "custom node" in error.hint


@pytest.mark.parametrize(("fate", "says"), [("oom", "smaller size"), ("node_error", "log")])
async def test_a_node_that_breaks_down_is_named(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor, fate: str, says: str
) -> None:
    vendor.admin.fail("create", fate)
    job = await comfy.submit(asked())
    with pytest.raises(UnavailableError, match="handler:sampler: ") as caught:
        await until(comfy, job, "done")
    assert says in caught.value.hint
    assert not caught.value.maybe_billed


async def test_a_server_that_was_restarted_does_not_know_the_job(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor
) -> None:
    vendor.admin.hold("run")
    job = await comfy.submit(asked())
    await until(comfy, job, "queued")
    vendor.admin.reset()
    with pytest.raises(UnavailableError, match="does not know the job") as caught:
        await comfy.poll(job)
    assert not caught.value.maybe_billed


@pytest.mark.parametrize("mode", ["500", "broken_json", "wrong_type", "endless", "429"])
@pytest.mark.parametrize("kind", ["poll", "queue"])
async def test_an_answer_that_fails_becomes_one_of_our_errors_and_the_next_is_read(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor, kind: str, mode: str
) -> None:
    vendor.admin.set(no_websocket=True)
    vendor.admin.hold("run")
    job = await comfy.submit(asked())
    vendor.admin.fail(kind, mode)
    with pytest.raises(ProviderError) as caught:
        await comfy.poll(job)
    assert caught.value.hint.endswith(".")
    vendor.admin.release()
    assert (await fetched(comfy, job)).data


@pytest.mark.parametrize("mode", ["500", "429", "broken_json", "wrong_type", "cut"])
async def test_a_picture_that_cannot_be_handed_over_makes_no_job(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor, mode: str
) -> None:
    vendor.admin.fail("upload", mode)
    with pytest.raises(ProviderError):
        await comfy.submit(asked(card("comfyui:sdxl-image")))
    assert vendor.admin.state()["creates"] == 0


@pytest.mark.parametrize("mode", ["wrong_type", "not_found", "500", "redirect", "cut", "endless"])
async def test_a_file_that_is_no_picture_is_not_handed_on(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor, mode: str
) -> None:
    state = await until(comfy, await comfy.submit(asked()), "done")
    assert state.output
    vendor.admin.fail("fetch", mode)
    with pytest.raises(ProviderError) as caught:
        await comfy.fetch(state.output)
    assert caught.value.hint.endswith(".")
    assert (await comfy.fetch(state.output)).data


async def test_a_picture_is_fetched_from_the_server_alone_and_only_so_much(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor
) -> None:
    for url in ("http://169.254.169.254/view", "http://127.0.0.1:9/view", "file:///etc/passwd"):
        with pytest.raises(BadReplyError):
            await comfy.fetch(Output(url=url))
    job = await comfy.submit(asked())
    state = await until(comfy, job, "done")
    small = await asyncio.to_thread(opened, vendor, max_bytes=1000)
    assert state.output
    with pytest.raises(BadReplyError, match="more than 1000 bytes"):
        await small.fetch(state.output)
    await small.close()


@pytest.mark.parametrize("ref", ["", "no-uuid/sdxl", "../../x/sdxl"])
async def test_a_reference_that_is_not_ours_asks_nothing(
    comfy: ComfyUIProvider, vendor: ComfyUIVendor, ref: str
) -> None:
    for call in (comfy.poll, comfy.cancel):
        with pytest.raises(BadReplyError):
            await call(Job(ref=ref))
    assert vendor.admin.state()["calls"] == {}


# --- small things ---


def test_headers_are_read_and_never_shown() -> None:
    assert parsed("Modal-Key: wk-1; Modal-Secret: ws-2=;") == {
        "Modal-Key": "wk-1",
        "Modal-Secret": "ws-2=",
    }
    for text in ("secret", "A: b\nC: d", "Ä: x", "a b: c"):
        with pytest.raises(ValueError, match="Name: value") as caught:
            parsed(text)
        assert text not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["", "[", "[]", "{}", '{"type":"progress","data":[]}', '{"type":5,"data":{"prompt_id":5}}'],
)
def test_a_message_that_is_none_says_nothing(text: str) -> None:
    live = Live("job")
    live.hear(text)
    assert not live.fresh
    live.see(b"\0\0")
    assert live.preview == b""


def test_progress_never_goes_back_nor_is_it_done_before_the_picture_is_saved() -> None:
    live = Live("job", now_s=lambda: 0.0)
    shares = []
    for value in (1, 5, 10, 1, "x", -3):
        data = {"prompt_id": "job", "value": value, "max": 10, "node": "3"}
        live.hear(json.dumps({"type": "progress", "data": data}))
        shares.append(live.progress)
    assert shares == [0.1, 0.5, 0.99, 0.99, 0.99, 0.99]
    live.hear('{"type": "executing", "data": {"node": null, "prompt_id": "job"}}')
    assert live.ended


def test_every_shipped_workflow_has_a_card_and_every_card_its_workflow() -> None:
    assert {one.source for one in OWN} == {path.name for path in SHIPPED.glob("*.json")}


def test_the_loopback_server_lets_nobody_in_without_the_headers(vendor: ComfyUIVendor) -> None:
    for path in ("/system_stats", "/queue", "/history/x", "/view"):
        assert httpx.get(f"{vendor.url}{path}", trust_env=False).status_code == 401
