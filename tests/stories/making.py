"""Stories of making: asked, drawn, branched, edited, restarted, cancelled."""

from tests.stories.drivers.waiting import until
from tests.stories.told import Scene, story
from tests.vendors.pictures import draw

FOX = "a red fox :: in the snow :: :: ink --count 2 --seed 7"
SLOW = "a red teapot --count 2 --seed 7 --model replicate:black-forest-labs/flux-schnell"


@story("imagine")
async def imagine(scene: Scene) -> None:
    told = await scene.room.imagine("Ana", FOX)
    assert not told.buttons
    await scene.room.settled()
    (card,) = await scene.room.cards()
    for word in ("r1", "Ana", "a red fox", "in the snow", "ink", "seeds 7–8", "Storyboard sketch"):
        assert word in card.text, word
    assert card.pictures
    assert {"Pick 1", "Pick 2", "Branch 1", "Reroll", "Edit", "Details"} <= set(card.buttons)
    (run,) = await scene.room.app.search.recent(limit=1)
    assert (run.state, run.person.name, run.seeds) == ("done", "Ana", (7, 8))


@story("bad-flags")
async def bad_flags(scene: Scene) -> None:
    before = await scene.room.app.search.recent(limit=50)
    told = await scene.room.imagine("Ana", "a fox --steps 900 --ar wide --colour red")
    for word in ("--steps", "1 to 150", "--ar", "--colour"):
        assert word in told.text, (word, told.text)
    assert await scene.room.app.search.recent(limit=50) == before
    assert not await scene.room.cards()


@story("progress-and-grid", vendor=True)
async def progress_and_grid(scene: Scene) -> None:
    assert scene.vendor is not None
    scene.vendor.hold("finish")
    await scene.room.imagine("Ana", SLOW)
    await scene.making()

    async def making() -> bool:
        return any("Making images, 0 of 2" in card.text for card in await scene.room.cards())

    await until(scene.room.app, making)
    (card,) = await scene.room.cards()
    assert not card.pictures
    assert "Cancel" in card.buttons
    scene.vendor.release()
    await scene.room.settled()
    (card,) = await scene.room.cards()
    assert card.pictures
    assert "Making" not in card.text
    assert {"Pick 1", "Pick 2"} <= set(card.buttons)


@story("branch")
async def branch(scene: Scene) -> None:
    await scene.room.imagine("Ana", FOX)
    await scene.room.settled()
    (card,) = await scene.room.cards()
    await scene.room.press("Ben", card, "Branch 2")
    await scene.room.settled()
    (child,) = [one for one in await scene.room.thread() if "Branched" in one.text]
    assert "Branched from r1 #2" in child.text
    assert "Ben" in child.text
    (run,) = await scene.room.app.search.recent(limit=1)
    assert run.parent is not None
    assert (run.kind, run.parent.number, run.seeds[0]) == ("branch", 2, 8)
    assert len(await scene.room.cards()) == 1, "a branch stands in the thread"


@story("edit-by-form")
async def edit_by_form(scene: Scene) -> None:
    await scene.room.imagine("Ana", FOX)
    await scene.room.settled()
    (card,) = await scene.room.cards()
    form = await scene.room.press("Ben", card, "Edit")
    assert form.form == "edit"
    assert form.values is not None
    assert form.values["environment"] == "in the snow"
    wrong = await scene.room.fill("Ben", form, {})
    assert "nothing is changed" in wrong.text.lower()
    form = await scene.room.press("Ben", card, "Edit")
    await scene.room.fill("Ben", form, {"environment": "at night"})
    await scene.room.settled()
    (run,) = await scene.room.app.search.recent(limit=1)
    assert (run.kind, run.spec.segments.environment.text) == ("edit", "at night")
    assert (run.spec.segments.style.text, run.seeds) == ("ink", (7, 8))
    assert any("at night" in one.text for one in await scene.room.thread())


@story("thread-reply-edits-one-segment")
async def thread_reply(scene: Scene) -> None:
    await scene.room.imagine("Ana", FOX)
    await scene.room.settled()
    await scene.room.reply("Ben", "style: more cinematic")
    await scene.room.settled()
    (run,) = await scene.room.app.search.recent(limit=1)
    assert run.kind == "edit"
    assert run.spec.segments.style.text == "ink, cinematic"
    assert run.spec.segments.subject.text == "a red fox"
    assert run.seeds == (7, 8)
    assert any("ink, cinematic" in one.text for one in await scene.room.thread())


@story("chatter")
async def chatter(scene: Scene) -> None:
    await scene.room.imagine("Ana", FOX)
    await scene.room.settled()
    before = len(await scene.room.app.search.recent(limit=50))
    told = await scene.room.reply("Ben", "looks great, thank you!")
    await scene.room.settled()
    assert not told.text, told
    assert len(await scene.room.app.search.recent(limit=50)) == before
    kept = [one for one in await scene.room.thread() if "looks great" in one.text]
    assert len(kept) == (1 if scene.surface == "console" else 0)


@story("two-at-once")
async def two_at_once(scene: Scene) -> None:
    await scene.room.imagine("Ana", FOX)
    await scene.room.settled()
    await scene.room.reply("Ana", "style: gouache")
    await scene.room.reply("Ben", "style: etching")
    await scene.room.settled()
    shown = [one.text for one in await scene.room.thread()]
    assert any("gouache" in text and "Ana" in text for text in shown)
    assert any("etching" in text and "Ben" in text for text in shown)
    refs = {run.ref for run in await scene.room.app.search.recent(limit=2)}
    assert refs == {"r2", "r3"}


@story("restart-in-between", vendor=True)
async def restart(scene: Scene) -> None:
    assert scene.vendor is not None
    scene.vendor.hold("finish")
    await scene.room.imagine("Ana", SLOW)
    await scene.making()
    await scene.restart()
    scene.vendor.release()
    await scene.room.settled()
    (card,) = await scene.room.cards()
    assert card.pictures
    assert {"Pick 1", "Pick 2"} <= set(card.buttons)
    assert scene.vendor.state()["calls"]["create"] == 2, "nothing is paid for twice"
    await scene.room.press("Ben", card, "Pick 2")
    await scene.room.settled()
    (run,) = await scene.room.app.search.recent(limit=1)
    assert [made.picked_by for made in run.artworks] == [(), ("Ben",)]


@story("init-image-by-attachment")
async def init_image(scene: Scene) -> None:
    await scene.room.imagine("Ana", FOX)
    await scene.room.settled()
    picture = draw("a wet street", 512, 512)
    told = await scene.room.reply("Ben", "", files={"street.png": picture})
    assert not told.text, told
    await scene.room.settled()
    (run,) = await scene.room.app.search.recent(limit=1)
    assert run.kind == "edit"
    assert run.spec.init_image is not None
    assert run.spec.init_image.startswith("sha256:")
    assert any("r2" in one.text for one in await scene.room.thread())


@story("cancel", vendor=True)
async def cancel(scene: Scene) -> None:
    assert scene.vendor is not None
    scene.vendor.hold("finish")
    await scene.room.imagine("Ana", SLOW)
    await scene.making()
    (card,) = await scene.room.cards()
    told = await scene.room.press("Ben", card, "Cancel")
    assert "Only Ana" in told.text
    await scene.room.press("Ana", card, "Cancel")
    scene.vendor.release()
    await scene.room.settled()
    (card,) = await scene.room.cards()
    assert "Cancelled by Ana" in card.text
    (run,) = await scene.room.app.search.recent(limit=1)
    assert run.state == "cancelled"


@story("retry", vendor=True)
async def retry(scene: Scene) -> None:
    assert scene.vendor is not None
    scene.vendor.fail("create", "insufficient_credit", times=9)
    await scene.room.imagine("Ana", SLOW)
    await scene.room.settled()
    (card,) = await scene.room.cards()
    assert "Failed" in card.text
    assert "Retry" in card.buttons
    scene.vendor.reset()
    await scene.room.press("Ben", card, "Retry")
    await scene.room.settled()
    (card,) = await scene.room.cards()
    assert card.pictures
    assert "Failed" not in card.text
