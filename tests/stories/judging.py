"""Stories of votes: a thread ranked by them, and looks without knowing which picture is which."""

import re

from domain.run import Run
from storage.rows import person_key
from tests.stories.deciding import made
from tests.stories.told import Scene, story

THREE = "a red fox :: in the snow --count 3 --seed 7"


async def newest(scene: Scene) -> Run:
    (run,) = await scene.room.app.search.recent(limit=1)
    return run


@story("ranking-by-votes")
async def ranking(scene: Scene) -> None:
    await made(scene.room, THREE)
    told = await scene.room.mention("Ben", "ranking")
    assert "Nobody has voted in this thread" in told.text
    await scene.room.reply("Ana", "pick 2")
    await scene.room.reply("Ben", "pick 2")
    await scene.room.reply("Ben", "pick 3")
    told = await scene.room.reply("Cleo", "ranking")
    first, second, third = told.text.splitlines()[:3]
    assert "#2 · approval 100% (34% to 100%) of 2 people · strength +" in first
    assert "#3 · approval 50% (9% to 91%) of 2 people" in second
    assert "#1 · approval 0% (0% to 66%) of 2 people" in third


@story("baseline-with-uncertainty")
async def uncertain(scene: Scene) -> None:
    await made(scene.room, THREE)
    await scene.room.reply("Ben", "style: more cinematic")
    await scene.room.settled()
    card = [one for one in await scene.room.thread() if "Against r1" in one.text][-1]
    assert re.search(r"same seeds, fit [+−]0\.\d\d ± 0\.\d\d", card.text), card.text
    told = await scene.room.reply("Ana", "compare")
    assert "fit" in told.text
    assert "±" in told.text


@story("blind-look")
async def blind(scene: Scene) -> None:
    await made(scene.room, THREE)
    run = await newest(scene)
    told = await scene.room.mention("Ben", "blind")
    assert "3 pictures, shuffled for you alone" in told.text
    for hidden in ("sketch", "fit", "Ana"):
        assert hidden not in told.text
    app = scene.room.app
    if scene.surface == "console":
        assert "/blind/" in told.text
        return  # its page is tested in a browser
    assert [one for one in told.buttons if one.startswith("Pick")] == ["Pick A", "Pick B", "Pick C"]
    shown = await scene.room.press_told("Ben", told, "Pick B")
    assert shown.text.startswith("You picked B: r")
    for told_now in ("sketch:storyboard", "fit 0.", "by Ana", "A: r", "C: r"):
        assert told_now in shown.text, (told_now, shown.text)
    (voter,) = {one.person_key for one in await app.judging.ballots.votes([run.id])}
    assert voter != person_key(run.person)
    again = await scene.room.press_told("Ben", told, "Pick A")
    assert "blind look is over" in again.text
    late = await scene.room.mention("Ben", "blind")
    assert "you have voted on" in late.text.lower()


@story("blind-of-two-runs")
async def two_runs(scene: Scene) -> None:
    await made(scene.room, "a red fox :: in the snow --count 1 --seed 7")
    told = await scene.room.mention("Ben", "blind")
    assert "one picture cannot be compared blind" in told.text.lower()
    await scene.room.reply("Ana", "style: more cinematic")
    await scene.room.settled()
    told = await scene.room.mention("Ben", "blind r1 r2")
    assert "2 pictures" in told.text
    if scene.surface == "console":
        return
    second, first = await scene.room.app.search.recent(limit=2)
    await scene.room.press_told("Ben", told, "Pick A")
    wins = await scene.room.app.judging.blinds.wins(first.id, second.id)
    assert sorted(wins) == [0, 1]
    told = await scene.room.mention("Cleo", "compare r2 r1")
    assert "of 1 for r2" in told.text
