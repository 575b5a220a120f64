"""Stories of several models at once: one card, one chosen, and what the choice is good for."""

from tests.stories.told import Scene, story

TWO = (
    "a red fox :: in the snow --task environment --count 2 --seed 7 "
    "--model sketch:storyboard, replicate:black-forest-labs/flux-schnell"
)


@story("several-models", vendor=True)
async def several_models(scene: Scene) -> None:
    await scene.room.imagine("Ana", TWO)
    await scene.room.settled()
    (card,) = await scene.room.cards()
    for word in ("r1–r2", "2 models", "Storyboard sketch", "FLUX.1 [schnell]", "seeds 7–8"):
        assert word in card.text, (word, card.text)
    assert card.pictures
    assert {"Choose r1", "Choose r2"} <= set(card.buttons)
    assert "Branch 1" not in card.buttons
    second, first = await scene.room.app.search.recent(limit=2)
    assert (first.seeds, second.seeds) == ((7, 8), (7, 8))
    assert first.family == second.family == first.id


@story("model-chosen", vendor=True)
async def model_chosen(scene: Scene) -> None:
    await scene.room.imagine("Ana", TWO)
    await scene.room.settled()
    told = await scene.room.mention("Ben", "style: more cinematic")
    assert "none is chosen yet" in told.text
    assert "--in r2" in told.text
    (card,) = await scene.room.cards()
    await scene.room.press("Ben", card, "Choose r2")
    await scene.room.settled()
    (card,) = await scene.room.cards()
    assert "r2 chosen by Ben" in card.text
    assert "Choose r2" not in card.buttons
    (own,) = [one for one in await scene.room.thread() if "Pick 1" in one.buttons]
    assert "FLUX.1 [schnell]" in own.text
    assert own.pictures
    await scene.room.reply("Ben", "style: more cinematic")
    await scene.room.settled()
    (child,) = await scene.room.app.search.recent(limit=1)
    assert child.parent is not None
    assert child.route.model == "replicate:black-forest-labs/flux-schnell"
    assert (child.family, child.seeds) == (None, (7, 8))


@story("model-becomes-the-route", vendor=True)
async def model_routed(scene: Scene) -> None:
    sketch_first = TWO.replace("7", "9").replace("environment", "ui")
    await scene.room.imagine("Ana", sketch_first)
    await scene.room.settled()
    (card,) = await scene.room.cards()
    await scene.room.press("Ana", card, "Choose r1")
    await scene.room.settled()
    (own,) = [one for one in await scene.room.thread() if "Pick 1" in one.buttons]
    (label,) = [one for one in own.buttons if one.startswith("Use ")]
    if scene.surface != "console":
        told = await scene.room.press("Ben", own, label)
        assert "Ben may not change that" in told.text
    told = await scene.room.press("Olga", own, label)
    assert "first choice for ui here" in told.text
    await scene.room.imagine("Ben", "a settings page --task ui --count 1")
    await scene.room.settled()
    (run,) = await scene.room.app.search.recent(limit=1)
    assert run.route.model == "sketch:storyboard"
    assert run.route.reason == "this channel's first choice for ui"


@story("several-models-cancelled", vendor=True)
async def models_cancelled(scene: Scene) -> None:
    assert scene.vendor is not None
    scene.vendor.hold("finish")
    line = TWO.replace("sketch:storyboard", "replicate:black-forest-labs/flux-dev")
    await scene.room.imagine("Ana", line.replace("--count 2", "--count 1"))
    await scene.making()
    (card,) = await scene.room.cards()
    await scene.room.press("Ana", card, "Cancel all")
    scene.vendor.release()
    await scene.room.settled()
    runs = await scene.room.app.search.recent(limit=2)
    assert [run.state for run in runs] == ["cancelled", "cancelled"]
    (card,) = await scene.room.cards()
    assert card.text.count("Cancelled by Ana") == 2
    assert "Cancel all" not in card.buttons
