"""Stories of a brief: prompts to choose from, one of them used, and what is not to be had."""

from tests.stories.told import Scene, story

BRIEF = "We need a red fox in the snow, soft morning light, no people. 3:2"
ASKED = f"--from-brief {BRIEF} --count 2 --seed 7"


@story("brief-split-by-rules")
async def by_rules(scene: Scene) -> None:
    told = await scene.room.imagine("Ana", ASKED)
    assert not told.text, told
    await scene.room.settled()
    (card,) = await scene.room.cards()
    for words in ("From a brief", "split by rules", "a red fox in the snow", "OPENAI_API_KEY"):
        assert words in card.text, (words, card.text)
    assert "Use 1" in card.buttons
    assert not card.pictures
    (run,) = await scene.room.app.search.recent(limit=1)
    assert (run.kind, run.state, run.cost_usd, len(run.drafts)) == ("text", "done", 0.0, 1)


@story("brief-used")
async def used(scene: Scene) -> None:
    await scene.room.imagine("Ana", ASKED)
    await scene.room.settled()
    (card,) = await scene.room.cards()
    told = await scene.room.mention("Ben", "style: more cinematic")
    assert "Choose one of its prompts" in told.text
    await scene.room.press("Ben", card, "Use 1")
    await scene.room.settled()
    made, text = await scene.room.app.search.recent(limit=2)
    assert (made.kind, made.state, made.ref, made.seeds) == ("imagine", "done", "r2", (7, 8))
    assert made.parent is not None
    assert (made.parent.run, made.parent.number) == (text.id, 1)
    assert made.spec.segments.subject.text == "a red fox in the snow"
    assert made.spec.segments.negative.text == "people"
    assert made.spec.aspect_ratio == "3:2"
    assert (made.spec.brief, made.baseline) == (None, None)
    await scene.room.mention("Ben", "style: more cinematic")
    await scene.room.settled()
    (child,) = await scene.room.app.search.recent(limit=1)
    assert (child.ref, child.baseline) == ("r3", made.id)
    told = await scene.room.mention("Ben", "history")
    for words in ("had prompts written from a brief", "asked for from prompt 1", "cinematic+}"):
        assert words in told.text, (words, told.text)
    told = await scene.room.mention("Ben", f"undo --in {made.id}")
    assert "no change to take back" in told.text
    again = await scene.room.mention("Ben", "use 2")
    assert "has 1 prompts" in again.text or "1 prompt" in again.text


@story("brief-that-shows-nothing")
async def nothing_to_show(scene: Scene) -> None:
    await scene.room.imagine("Ana", "--from-brief no people, without text")
    await scene.room.settled()
    (card,) = await scene.room.cards()
    assert "names nothing to show" in card.text
    assert "Retry" in card.buttons
    told = await scene.room.imagine("Ana", "a fox --from-brief a red fox")
    assert "stands alone" in told.text
