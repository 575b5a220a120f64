"""Stories of a prompt's history: told word by word, and the last change taken back."""

from typing import Any

from tests.stories.told import Scene, story

FOX = "a red fox :: in the snow :: 85mm :: editorial, soft daylight --seed 7 --count 2"


@story("history-told-and-undone")
async def told_and_undone(scene: Scene) -> None:
    await scene.room.imagine("Ana", FOX)
    await scene.room.settled()
    await scene.room.reply("Ben", "style: more cinematic")
    await scene.room.settled()
    told = await scene.room.mention("Ana", "history")
    for word in ("r1 · Ana", "asked for", "r2 · Ben", "edited", "{+, cinematic+}"):
        assert word in told.text, (word, told.text)
    await scene.room.mention("Ana", "undo")
    await scene.room.settled()
    undone, edited, first = await scene.room.app.search.recent(limit=3)
    assert undone.spec.segments == first.spec.segments != edited.spec.segments
    assert (undone.kind, undone.seeds) == ("undo", first.seeds)
    assert undone.parent is not None
    assert undone.parent.run == edited.id
    cards = await scene.room.thread()
    assert any("Took back r2" in card.text for card in cards)


@story("history-has-no-more-to-undo")
async def no_more(scene: Scene) -> None:
    await scene.room.imagine("Ana", FOX)
    await scene.room.settled()
    told = await scene.room.mention("Ana", "undo")
    assert "no change to take back" in told.text
    (newest,) = await scene.room.app.search.recent(limit=1)
    assert (newest.kind, newest.ref) == ("imagine", "r1")


@story("checklist-told-and-mended")
async def checked(scene: Scene) -> None:
    await scene.room.imagine("Ana", "Mara :: in a café --task character --count 1 --seed 7")
    await scene.room.settled()
    told = await scene.room.mention("Ben", "checklist")
    for words in ("○ references", "must look like others", "✓ task · character", "approve 1"):
        assert words in told.text, (words, told.text)
    (run,) = await scene.room.app.search.recent(limit=1)
    report: Any = await scene.room.app.report(run)
    assert {"references", "archive"} <= {*report["checklist"]["missing"]}
    assert "strength" in report["checklist"]["not_needed"]
