"""Stories of the hand-off: a line to paste, and the pictures that come back."""

from tests.stories.told import Scene, story
from tests.vendors.midjourney import grid
from tests.vendors.pictures import draw

HAND = "a red fox :: in the snow :: :: :: fog --seed 7 --ar 3:2 --model midjourney:v7"
LINE = (
    "/imagine prompt: a red fox, in the snow --ar 3:2 --seed 7 --no fog "
    "--stylize 100 --chaos 0 --v 7"
)
JOB = "9d1f2c4e-8b7a-4c3d-9e2f-0a1b2c3d4e5f"


@story("hand-over")
async def hand_over(scene: Scene) -> None:
    told = await scene.room.imagine("Ana", HAND)
    assert not told.text, told
    await scene.room.settled()
    (card,) = await scene.room.cards()
    assert LINE in card.text, card.text
    assert "Handed over" in card.text
    assert not card.pictures
    assert "Cancel" in card.buttons
    (run,) = await scene.room.app.search.recent(limit=1)
    assert (run.state, run.quote.usd, run.seeds) == ("handed", 0.0, (7, 7, 7, 7))
    waiting = await scene.room.mention("Ben", "queue")
    assert "by hand r1 · Ana · a red fox" in waiting.text


@story("hand-in-a-grid")
async def hand_in_a_grid(scene: Scene) -> None:
    await scene.room.imagine("Ana", HAND)
    await scene.room.settled()
    told = await scene.room.hand_in("Ben", {"grid.png": grid("a fox", 600, 400, "PNG")})
    assert not told.text, told
    await scene.room.settled()
    (card,) = await scene.room.cards()
    assert card.pictures
    assert LINE not in card.text
    assert {"Pick 1", "Pick 4", "Reroll"} <= set(card.buttons)
    (run,) = await scene.room.app.search.recent(limit=1)
    assert (run.state, run.cost_usd) == ("done", 0.0)
    assert [(one.width, one.height) for one in run.artworks] == [(600, 400)] * 4
    assert all(one.verdict and one.scores for one in run.artworks)
    assert run.artworks[0].notes == ("handed in by Ben",)
    await scene.room.press("Ben", card, "Pick 2")
    await scene.room.settled()
    (run,) = await scene.room.app.search.recent(limit=1)
    assert [one.picked_by for one in run.artworks] == [(), ("Ben",), (), ()]


@story("hand-in-images-alone")
async def hand_in_alone(scene: Scene) -> None:
    await scene.room.imagine("Ana", HAND)
    await scene.room.settled()
    first = {f"ana_fox_{number}.png": draw(f"fox {number}", 600, 400) for number in (1, 2)}
    told = await scene.room.hand_in("Ana", first)
    assert not told.text, told
    await scene.room.settled()
    (card,) = await scene.room.cards()
    assert "2 of 4 made" in card.text
    more = {"third.png": draw("fox 3", 600, 400)}
    told = await scene.room.hand_in("Ana", more, "attach")
    assert not told.text, told
    await scene.room.settled()
    (run,) = await scene.room.app.search.recent(limit=1)
    assert (run.state, [one.index for one in run.artworks]) == ("done", [1, 2, 3])
    many = {f"{number}.png": draw(f"more {number}", 600, 400) for number in (1, 2)}
    told = await scene.room.hand_in("Ana", many, "attach")
    assert "at most 1" in told.text, told
    (run,) = await scene.room.app.search.recent(limit=1)
    assert len(run.artworks) == 3


@story("hand-in-what-is-wrong")
async def hand_in_wrong(scene: Scene) -> None:
    await scene.room.imagine("Ana", HAND)
    await scene.room.settled()
    wrong = {
        "notes.png": b"no picture at all",
        "odd.png": draw("a fox", 601, 400),
    }
    told = await scene.room.hand_in("Ana", {"notes.png": wrong["notes.png"]})
    assert "PNG, JPEG or WebP picture" in told.text, told
    told = await scene.room.hand_in("Ana", {"odd.png": wrong["odd.png"]}, "attach grid")
    assert "601×400 pixels do not split into four" in told.text, told
    shapes = {"a.png": draw("a fox", 600, 400), "b.png": draw("a fox", 400, 600)}
    told = await scene.room.hand_in("Ana", shapes)
    assert "different shapes" in told.text, told
    foreign = {
        f"ana_a_red_fox_{JOB}_0.png": draw("a fox", 600, 400),
        f"ana_a_teapot_{JOB[:-1]}0_0.png": draw("a teapot", 600, 400),
    }
    told = await scene.room.hand_in("Ana", foreign)
    assert "different prompts" in told.text, told
    await scene.room.settled()
    (run,) = await scene.room.app.search.recent(limit=1)
    assert (run.state, run.artworks) == ("handed", ())
    (card,) = await scene.room.cards()
    assert LINE in card.text, "nothing is lost: it still waits"


@story("hand-over-cancelled-and-again")
async def cancelled(scene: Scene) -> None:
    await scene.room.imagine("Ana", HAND)
    await scene.room.settled()
    (card,) = await scene.room.cards()
    await scene.room.press("Ana", card, "Cancel")
    await scene.room.settled()
    (card,) = await scene.room.cards()
    assert "Cancelled by Ana" in card.text
    assert LINE not in card.text
    await scene.room.press("Ben", card, "Retry")
    await scene.room.settled()
    (card,) = await scene.room.cards()
    assert LINE in card.text
    await scene.restart()
    told = await scene.room.hand_in("Ana", {"grid.png": grid("a fox", 600, 400, "PNG")})
    assert not told.text, told
    await scene.room.settled()
    (card,) = await scene.room.cards()
    assert card.pictures


@story("hand-over-an-upscale")
async def upscale(scene: Scene) -> None:
    await scene.room.imagine("Ana", HAND)
    await scene.room.settled()
    await scene.room.hand_in("Ana", {"grid.png": grid("a fox", 600, 400, "PNG")})
    await scene.room.settled()
    await scene.room.reply("Ben", "upscale 2")
    await scene.room.settled()
    (run,) = await scene.room.app.search.recent(limit=1)
    assert run.parent is not None
    assert (run.kind, run.state, run.parent.number) == ("upscale", "handed", 2)
    said = [one.text for one in await scene.room.thread()]
    assert any("press U2 under the grid, then Upscale" in text for text in said), said
    told = await scene.room.hand_in("Ben", {"large.png": draw("a fox", 1200, 800)})
    assert not told.text, told
    await scene.room.settled()
    (run,) = await scene.room.app.search.recent(limit=1)
    assert (run.kind, run.state, run.artworks[0].width) == ("upscale", "done", 1200)
