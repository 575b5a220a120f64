"""Every line through a real app with the sketch provider: what it changes, and what it refuses."""

import asyncio
import contextlib
import io
import json
import shlex
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from sqlalchemy import text

from bot.app import App
from bot.handler import Answer, Said
from bot.opening import open_app
from config.records import Settings
from config.settings import load
from domain.errors import (
    CommandError,
    ConflictError,
    ForbiddenError,
    HandlerError,
    LimitError,
    NotFoundError,
    PictureError,
    RouteError,
)
from domain.event import Event, Person, Place
from domain.picture import digest_of
from domain.run import Run
from storage.approvers import Approvers
from storage.database import Database
from storage.inbox import Inbox
from tests.domain.pictures import SVG, plain, trailing

pytestmark = pytest.mark.asyncio(loop_scope="module")

SMALL = "imagine a red fox :: in the snow :: wide shot :: flat :: text --seed 7 --count 2"
ONE = "imagine a red fox :: :: :: flat --seed 7 --count 1"


def person(name: str) -> Person:
    return Person(surface="console", workspace="local", id=name.lower(), name=name)


ANA, BEN = person("Ana"), person("Ben")
MAIN = Place(surface="console", workspace="local", channel="main")


def settings_for(folder: Path) -> Settings:
    toml = "[concurrency]\npixel_workers = 1\n[limits]\nwaiting_per_person = 3\n"
    return load(toml, {"AI_HANDLER_DATA_DIR": str(folder)})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


LEFT = Event(
    key="left-by-a-crash",
    at="2026-11-23T12:00:00Z",
    person=person("Dora"),
    place=MAIN,
    line="imagine a red kite --count 1 --seed 3",
)


async def crashed(folder: Path) -> None:
    """Leave an event in the inbox that nobody acted on, as a kill after the row does."""
    settings = settings_for(folder)
    from storage.migrate import migrate  # noqa: PLC0415  only here

    await asyncio.to_thread(migrate, settings.data_dir / "handler.db")
    database = Database(settings.data_dir / "handler.db")
    from bot.world import SystemClock  # noqa: PLC0415  only here

    await Inbox(database, SystemClock()).remember(LEFT)
    await database.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(folder: Path) -> AsyncIterator[App]:
    await crashed(folder)
    async with open_app(settings_for(folder)) as opened:
        # The worker's process is spawned here, before the loop is watched: spawning blocks it.
        await opened.pixels.run(digest_of, b"")
        yield opened


async def say(
    app: App, line: str, *, who: Person = ANA, about: Run | None = None, **more: Any
) -> Answer:
    said = Said(
        line=line,
        person=who,
        place=MAIN,
        at="thread" if about else "channel",
        about_run=about.id if about else None,
        **more,
    )
    return await app.handler.say(said)


async def made(app: App, line: str = SMALL, **more: Any) -> Run:
    """Say a line that makes a run, and wait until it has ended."""
    run = (await say(app, line, **more)).run
    assert run is not None
    return await app.ended(run.id)


async def told(app: App, line: str, about: Run, **more: Any) -> Run:
    run = (await say(app, line, about=about, **more)).run
    assert run is not None
    return run


async def count(app: App, table: str) -> int:
    async with app.log._database.read() as connection:
        return int((await connection.execute(text(f"SELECT COUNT(*) FROM {table}"))).scalar_one())  # noqa: S608


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def first(app: App) -> Run:
    return await made(app)


# --- making ---


async def test_what_a_crash_left_in_the_inbox_is_done_at_the_start(app: App) -> None:
    (run,) = await app.search.recent(query="kite")
    assert (await app.ended(run.id)).state == "done"
    assert run.person.name == "Dora"


async def test_imagine_makes_stored_artworks_with_scores_and_a_grid(app: App, first: Run) -> None:
    assert (first.state, first.stage, first.ref) == ("done", "ended", "r1")
    assert [made.seed for made in first.artworks] == [7, 8]
    assert all(made.scores for made in first.artworks)
    assert all(made.verdict for made in first.artworks)
    assert first.grid is not None
    assert first.cost_usd == 0.0
    for one in first.artworks:
        assert f"sha256:{digest_of(await app.artifacts.get(one.digest))}" == one.digest


async def test_the_same_line_gives_the_same_pictures(app: App, first: Run) -> None:
    again = await made(app)
    assert again.id != first.id
    assert [one.digest for one in again.artworks] == [one.digest for one in first.artworks]


async def test_a_segment_reply_keeps_the_seeds_and_says_what_changed(app: App, first: Run) -> None:
    child = await made(app, "style: more cinematic", about=first)
    assert child.seeds == first.seeds
    assert child.root == first.root
    assert child.baseline == first.id
    shown = await app.report(child)
    assert shown["baseline_delta"]["changed"] == ["segments.style"]  # type: ignore[index]  # JSON
    assert [one.digest for one in child.artworks] != [one.digest for one in first.artworks]


async def test_a_bare_branch_denoises_the_picture(app: App, first: Run) -> None:
    child = await made(app, "branch 2 --strength 0.3", about=first)
    assert child.parameters.init_image == first.artworks[1].digest
    assert child.parameters.denoising_strength == 0.3
    assert child.state == "done"
    card = await app.cards.card(child)
    assert card.title == "Branched from r1 #2"


async def test_a_dry_run_stores_nothing(app: App, first: Run) -> None:
    before = [await count(app, table) for table in ("runs", "inbox", "specs", "outbox")]
    answer = await say(app, SMALL + " --dry-run")
    assert answer.run is not None
    assert answer.run.state == "planned"
    assert answer.run.parameters.seed == 7
    child = await say(app, "style: dark --dry-run", about=first)
    assert child.run is not None
    assert [await count(app, table) for table in ("runs", "inbox", "specs", "outbox")] == before


async def test_the_same_key_again_is_the_same_run(app: App) -> None:
    one = await made(app, ONE, key="slack-event-1")
    runs = await count(app, "runs")
    again = await say(app, ONE, key="slack-event-1")
    assert again.run is not None
    assert again.run.id == one.id
    assert await count(app, "runs") == runs


async def test_a_line_that_cannot_be_is_refused_and_leaves_no_run(app: App) -> None:
    before = await count(app, "runs")
    with pytest.raises(CommandError) as refused:
        await say(app, "imagine a fox --steps 900 --ar wide --count 9")
    assert {fault.flag for fault in refused.value.faults} == {"--steps", "--ar", "--count"}
    with pytest.raises(RouteError):
        await say(app, "imagine a fox --model openai:dall-e-3")
    assert await count(app, "runs") == before


async def test_help_is_an_answer_and_no_run(app: App) -> None:
    answer = await say(app, "help pick")
    assert answer.run is None
    assert "pick N" in answer.text


# --- opinions ---


async def test_a_pick_counts_and_the_same_again_withdraws_it(app: App) -> None:
    run = await made(app)
    assert [one.rating for one in (await told(app, "pick 2", run)).artworks] == [0, 1]
    assert [one.rating for one in (await told(app, "pick 1", run, who=BEN)).artworks] == [0.5, 0.5]
    withdrawn = await told(app, "pick 2", run)
    assert [one.rating for one in withdrawn.artworks] == [1, 0]
    assert withdrawn.artworks[1].picked_by == ()
    assert (await told(app, "unpick 1", run, who=BEN)).artworks[0].rating is None


async def test_a_redelivered_pick_does_not_withdraw_itself(app: App) -> None:
    run = await made(app, ONE)
    for _ in range(2):
        picked = await told(app, "pick 1", run, key="event-pick")
        assert picked.artworks[0].picked_by == ("Ana",)


@pytest.mark.parametrize(
    ("value", "rating"), [("up", 1.0), ("down", 0.0), ("1", 0.0), ("4", 0.75), ("5", 1.0)]
)
async def test_thumbs_and_stars_are_fractions(
    app: App, first: Run, value: str, rating: float
) -> None:
    rated = await told(app, f"rate 2 {value}", first)
    assert rated.artworks[1].rating == rating
    assert (await told(app, "rate 2 none", first)).artworks[1].rating is None


async def test_a_favourite_is_kept_and_taken_out(app: App, first: Run) -> None:
    assert (await told(app, "favourite 1", first)).artworks[0].favourite_of == ("Ana",)
    taken_out = (await told(app, "unfavourite 1", first)).artworks[0]
    assert (taken_out.favourite_of, taken_out.rating) == ((), None)


async def test_an_image_that_was_not_made_cannot_be_picked(app: App, first: Run) -> None:
    with pytest.raises(NotFoundError, match="no image 7") as refused:
        await told(app, "pick 7", first)
    assert refused.value.hint == "Made: 1, 2."


# --- decisions ---


async def test_approve_asks_which_unless_one_was_picked(app: App) -> None:
    run = await made(app)
    with pytest.raises(ConflictError, match="which one") as refused:
        await told(app, "approve", run)
    assert refused.value.hint == "Say the number: 1, 2."
    await told(app, "pick 2", run)
    approved = await told(app, "approve", run)
    assert [one.approved for one in approved.artworks] == [False, True]
    assert approved.artworks[1].approvals[0].digest == run.artworks[1].digest
    await told(app, "pick 1", run)
    with pytest.raises(ConflictError, match="which one"):
        await told(app, "reject", run)


async def test_the_only_image_needs_no_number(app: App) -> None:
    run = await made(app, ONE)
    assert (await told(app, "approve", run)).artworks[0].approved


async def test_approving_twice_is_said_and_withdrawing_takes_it_back(app: App) -> None:
    run = await made(app, ONE)
    await told(app, "approve 1", run)
    with pytest.raises(ConflictError, match="approved by Ana already"):
        await told(app, "approve 1", run)
    with pytest.raises(ConflictError, match="not decided"):
        await told(app, "withdraw 1", run, who=BEN)
    assert not (await told(app, "withdraw 1", run)).artworks[0].approved


async def test_a_rejection_keeps_its_reason_and_is_told_in_the_thread(app: App) -> None:
    run = await made(app, ONE)
    rejected = await told(app, "reject 1 six fingers", run)
    assert rejected.artworks[0].rejected_by == ("Ana",)
    notes = await app.outbox.notes([run.id])
    assert [one.text for one in notes] == ["#1 of r1 rejected by Ana: six fingers"]
    assert "#1 rejected by Ana" in (await app.cards.card(rejected)).decided


async def test_only_a_folded_tile_is_restored(app: App, first: Run) -> None:
    with pytest.raises(ConflictError, match="not folded"):
        await told(app, "restore 1", first)
    run = await made(app, ONE)
    async with app.log._database.write() as connection:
        fold = text("UPDATE artworks SET verdict = 'reject' WHERE run_id = :run AND number = 1")
        await connection.execute(fold, {"run": run.id})
        await connection.execute(
            text("UPDATE runs SET grid_digest = NULL, revision = revision + 1")
        )
    after = await told(app, "restore 1", run)
    restored = after.artworks[0]
    assert (restored.verdict, restored.restored_by) == ("pass", "Ana")
    assert (await app.log.run(run.id)).grid == run.grid  # drawn anew, with nothing dimmed


async def test_the_baseline_can_be_set_and_compared_with(app: App) -> None:
    run = await made(app, ONE)
    with pytest.raises(ConflictError, match="baseline itself"):
        await say(app, "compare", about=run)
    second = await made(app, "style: dark", about=run)
    answer = await say(app, "compare", about=second)
    assert answer.data is not None
    assert answer.data["changed"] == ["segments.style"]
    await told(app, "baseline", second)
    third = await made(app, "style: more cinematic", about=second)
    assert third.baseline == second.id
    back = await say(app, "compare r1", about=third)
    assert back.data is not None
    assert back.data["runs"] == [third.id, run.id]


async def test_details_show_a_run_and_store_nothing(app: App, first: Run) -> None:
    before = await count(app, "inbox")
    answer = await say(app, "details", about=first)
    assert answer.run is not None
    assert answer.run.id == first.id
    assert await count(app, "inbox") == before


async def test_an_unknown_run_is_not_found(app: App, first: Run) -> None:
    for line in ("pick 1 --in r99", "pick 1 --in 01ARZ3NDEKTSV4RRFFQ69G5FAV"):
        with pytest.raises(NotFoundError):
            await told(app, line, first)


# --- cancel, retry, limits ---


async def held(app: App, amount: int) -> list[Run]:
    """Ask for runs while nothing is taken from the queue, as when the service is busy."""
    runs: list[Run] = []
    for _ in range(amount):
        run = (await say(app, ONE)).run
        assert run is not None
        runs.append(run)
    return runs


async def test_what_has_ended_is_neither_cancelled_nor_retried(app: App, first: Run) -> None:
    with pytest.raises(ConflictError, match="ended already"):
        await told(app, "cancel", first)
    with pytest.raises(ConflictError, match="all its images"):
        await told(app, "retry", first)


async def test_only_ones_own_run_is_cancelled_and_retry_makes_the_rest(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, begun = asyncio.Event(), asyncio.Semaphore(0)
    work = app.pixels.run

    async def slowed(*args: Any, **kwargs: Any) -> Any:
        begun.release()
        await free.wait()
        return await work(*args, **kwargs)

    monkeypatch.setattr(app.pixels, "run", slowed)
    run = (await say(app, "imagine a red fox :: :: :: flat --seed 5 --count 6")).run
    assert run is not None
    for _ in range(app.settings.concurrency.per_provider):  # the others wait for their turn
        await begun.acquire()
    with pytest.raises(ForbiddenError, match="asked for by Ana"):
        await told(app, "cancel", run, who=BEN)
    with pytest.raises(ConflictError, match="under way"):
        await told(app, "retry", run)
    await told(app, "cancel", run)
    free.set()
    ended = await app.ended(run.id)
    assert (ended.state, len(ended.artworks)) == ("cancelled", 4)
    assert ended.cancel_requested_by == "Ana"
    await told(app, "retry", run)
    again = await app.ended(run.id)
    assert (again.state, again.attempt_round) == ("done", 2)
    assert [one.seed for one in again.artworks] == [5, 6, 7, 8, 9, 10]


async def test_one_run_too_many_is_refused_and_nothing_of_it_is_stored(app: App) -> None:
    before = await count(app, "runs")
    with pytest.raises(LimitError, match="3 of your runs wait") as refused:
        await held(app, 20)
    assert "cancel one" in refused.value.hint
    waiting = await count(app, "runs") - before
    assert waiting < 20
    for run in await app.search.recent(limit=waiting):
        with contextlib.suppress(ConflictError):  # some have ended by then
            await told(app, "cancel", run)
        await app.ended(run.id)


# --- pictures that come with a line ---

WITH_PICTURE = "imagine a red fox :: :: :: flat --count 1 --seed 1 --init photo.jpg"


async def test_an_init_image_is_stored_cleaned_and_named_by_its_digest(app: App) -> None:
    photo = trailing(plain(size=(64, 48)))
    run = await made(app, WITH_PICTURE, files={"photo.jpg": photo})
    assert run.spec.init_image is not None
    stored = await app.artifacts.get(run.spec.init_image)
    assert b"script" not in stored
    assert Image.open(io.BytesIO(stored)).size == (64, 48)
    assert run.parameters.denoising_strength == 0.55
    again = await made(app, WITH_PICTURE.replace("photo.jpg", run.spec.init_image))
    assert again.spec.init_image == run.spec.init_image
    assert again.artworks[0].digest == run.artworks[0].digest


@pytest.mark.parametrize(
    "digest",
    [f"sha256:{'0' * 64}", "sha256:../../etc/passwd", f"sha256:{'A' * 64}", "sha256:"],
)
async def test_a_digest_of_no_file_of_ours_is_refused(app: App, digest: str) -> None:
    before = await count(app, "inbox")
    with pytest.raises(NotFoundError, match="--init"):
        await say(app, f"imagine a fox --init {digest}")
    assert await count(app, "inbox") == before


@pytest.mark.parametrize(
    "data",
    [SVG, b"", plain("GIF"), plain(size=(300, 300))[:-200]],
    ids=["svg", "nothing", "gif", "truncated"],
)
async def test_a_hostile_init_image_is_refused_before_anything_is_stored(
    app: App, data: bytes
) -> None:
    before = await count(app, "inbox")
    with pytest.raises(PictureError):
        await say(app, WITH_PICTURE, files={"photo.jpg": data})
    assert await count(app, "inbox") == before


async def test_a_picture_that_did_not_come_along_is_named(app: App) -> None:
    with pytest.raises(CommandError) as refused:
        await say(app, WITH_PICTURE, files={"other.jpg": plain()})
    assert refused.value.faults[0].flag == "--init"


async def test_a_mask_that_no_model_takes_is_never_dropped(app: App) -> None:
    files = {"photo.jpg": plain(), "mask.png": plain()}
    with pytest.raises(RouteError, match="takes no mask"):
        await say(app, WITH_PICTURE + " --mask mask.png", files=files)


# --- export ---


async def test_an_export_holds_approved_originals_and_the_line_that_makes_them(app: App) -> None:
    run = await made(app, ONE)
    with pytest.raises(NotFoundError, match="approved"):
        await say(app, "export", about=run)
    await told(app, "approve 1", run)
    answer = await say(app, "export", about=run)
    assert answer.data is not None
    folder = Path(answer.data["folder"])
    pictures = [name for name in answer.data["files"] if name.endswith(".png")]
    assert len(pictures) == 1
    data = await asyncio.to_thread((folder / pictures[0]).read_bytes)
    assert f"sha256:{digest_of(data)}" == run.artworks[0].digest
    said = json.loads(await asyncio.to_thread((folder / f"{pictures[0]}.json").read_bytes))
    words = shlex.split(said["command"])
    assert words[:2] == ["ai-handler", "imagine"]
    again = await made(app, f"imagine {words[2]}")
    assert [one.digest for one in again.artworks] == [run.artworks[0].digest]


async def test_everything_is_exported_when_it_is_asked_for(app: App, first: Run) -> None:
    answer = await say(app, "export --all", about=first)
    assert answer.data is not None
    assert len([name for name in answer.data["files"] if name.endswith(".png")]) == 2
    assert {"commands.txt", "SHA256SUMS", "ATTRIBUTION.txt"} <= set(answer.data["files"])


UGLY = [
    "-fox --steps 3",
    "imagine dragons",
    'a "quoted" sign that says \\"STOP\\"',
    "100% cotton :: it's a $HOME `date`",
    ":: in the snow",
]


@pytest.mark.parametrize("prompt", UGLY)
async def test_the_exported_line_makes_the_same_picture_whatever_the_words(
    app: App, prompt: str
) -> None:
    run = await made(app, f"imagine {prompt} style=flat --seed 4 --count 1")
    answer = await say(app, "export --all", about=run)
    assert answer.data is not None
    lines = await asyncio.to_thread((Path(answer.data["folder"]) / "commands.txt").read_text)
    (line,) = lines.splitlines()
    again = await made(app, f"imagine {shlex.split(line)[2]}")
    assert again.spec.segments == run.spec.segments
    assert again.artworks[0].digest == run.artworks[0].digest


# --- cards ---


async def test_every_accepted_run_has_a_card_that_is_due(app: App, first: Run) -> None:
    letters = await app.outbox.due("console", limit=1000)
    assert f"card:{first.id}" in {one.key for one in letters}
    card = await app.cards.card(first)
    assert card.run_id == first.id
    assert len(card.tiles) == 2


async def test_every_refusal_has_words_for_a_person(app: App, first: Run) -> None:
    for line in ("pick 8", "restore 1", "retry", "cancel", "withdraw 2", "compare"):
        with pytest.raises(HandlerError) as refused:
            await say(app, line, about=first)
        assert refused.value.message


async def test_who_may_approve_is_said_until_somebody_is_named(app: App) -> None:
    run = await made(app, ONE)
    cleo = Person(surface="slack", workspace="T1", id="U1", name="Cleo")
    await app.opinions.decide("a-key", run.id, cleo, 1, "approve")
    place = run.place.model_copy(update={"surface": "slack", "workspace": "T1"})
    there = (await app.log.run(run.id)).model_copy(update={"place": place})
    assert "approvers add" in " ".join((await app.cards.card(there)).decided)
    approvers = Approvers(app.log._database, app.clock)
    await approvers.add("slack:T1:U2", "Cleo", "Ana")
    assert "approvers add" not in " ".join((await app.cards.card(there)).decided)
    await approvers.remove("slack:T1:U2")
