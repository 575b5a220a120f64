"""Stories of deciding: votes, approvals, the review queue, baselines, what is taken down."""

from tests.stories.drivers.protocol import Room, Shown
from tests.stories.drivers.waiting import until
from tests.stories.told import Scene, story

FOX = "a red fox :: in the snow --count 2 --seed 7"
ONE = "a red fox :: in the snow --count 1 --seed 7"


async def made(room: Room, line: str = FOX, who: str = "Ana") -> Shown:
    """Have a run made, and return its card."""
    await room.imagine(who, line)
    await room.settled()
    return (await room.cards())[-1]


async def now(room: Room) -> Shown:
    """Return the newest card of the channel as it is when all is told."""
    await room.settled()
    return (await room.cards())[-1]


@story("vote-change-withdraw")
async def vote(scene: Scene) -> None:
    card = await made(scene.room)
    await scene.room.react("Ben", card, "1️⃣")
    await scene.room.react("Cleo", card, "1️⃣")
    await scene.room.settled()
    (run,) = await scene.room.app.search.recent(limit=1)
    assert [len(one.picked_by) for one in run.artworks] == [2, 0]
    await scene.room.unreact("Ben", card, "1️⃣")
    await scene.room.react("Ben", card, "2️⃣")
    await scene.room.settled()
    (run,) = await scene.room.app.search.recent(limit=1)
    assert [one.picked_by for one in run.artworks] == [("Cleo",), ("Ben",)]
    assert [one.rating for one in run.artworks] == [0.5, 0.5]
    await scene.room.unreact("Cleo", card, "1️⃣")
    card = await now(scene.room)
    (run,) = await scene.room.app.search.recent(limit=1)
    assert [one.picked_by for one in run.artworks] == [(), ("Ben",)]
    originals = [one for one in await scene.room.thread() if "picked #" in one.text]
    assert len(originals) == 2, "each original is posted once"
    assert all(one.pictures for one in originals)


@story("fresh-team-approves", alone=True)
async def fresh_team(scene: Scene) -> None:
    card = await made(scene.room)
    told = await scene.room.react("Ben", card, "✅")
    assert "Which one" in told.text or "which one" in told.text
    await scene.room.unreact("Ben", card, "✅")
    await scene.room.react("Ben", card, "2️⃣")
    await scene.room.settled()
    await scene.room.react("Ben", card, "✅")
    card = await now(scene.room)
    assert "#2 approved by Ben" in card.text
    if scene.surface != "console":
        assert "approvers add" in card.text, "who may approve is said once"
        other = await made(scene.room, ONE)
        await scene.room.react("Ana", other, "✅")
        assert "approvers add" not in (await now(scene.room)).text
    assert any("#2 of r1 approved by Ben" in one.text for one in await threads(scene.room, card))


async def threads(room: Room, card: Shown) -> list[Shown]:
    """Return the notes of a card's thread, wherever the newest thread is."""
    run = await room.app.outbox.found(room.surface, card.ref)
    letters = await room.app.outbox.notes([run.run_id if run else card.ref])
    roots = {(await room.app.log.run(one.run_id)).root for one in letters}
    assert len(roots) <= 1
    return [Shown(one.key, one.text) for one in letters]


def two_needed(_surface: str) -> str:
    return "[approvals]\nquorum = 2\n"


@story("quorum", settings=two_needed)
async def quorum(scene: Scene) -> None:
    card = await made(scene.room, ONE)
    await scene.room.react("Ben", card, "✅")
    card = await now(scene.room)
    assert "#1 is approved by 1 of 2" in card.text
    await scene.room.react("Cleo", card, "✅")
    card = await now(scene.room)
    (run,) = await scene.room.app.search.recent(limit=1)
    if scene.surface == "console":  # typed names are one person together
        assert "1 of 2" in card.text
        assert not run.artworks[0].approved
        return
    assert "1 of 2" not in card.text
    assert run.artworks[0].approved
    await scene.room.unreact("Cleo", card, "✅")
    assert "1 of 2" in (await now(scene.room)).text


def named_elsewhere(surface: str) -> str:
    return '[approvals]\napprovers = ["slack:T9:U9"]\n' if surface == "console" else ""


@story("someone-who-may-not", settings=named_elsewhere)
async def someone(scene: Scene) -> None:
    card = await made(scene.room, ONE)
    if scene.surface != "console":
        told = await scene.room.add_approver("Ben", "Ben")
        assert "may not change that" in told.text
        told = await scene.room.add_approver("Olga", "Olga")
        assert "@Olga" in told.text
    told = await scene.room.react("Ben", card, "✅")
    expected = "only typed" if scene.surface == "console" else "not an approver"
    assert expected in told.text
    card = await now(scene.room)
    (run,) = await scene.room.app.search.recent(limit=1)
    assert not run.artworks[0].approvals
    if scene.surface != "console":
        await scene.room.react("Olga", card, "✅")
        assert "#1 approved by Olga" in (await now(scene.room)).text


@story("baseline-and-compare")
async def baseline(scene: Scene) -> None:
    await made(scene.room)
    await scene.room.reply("Ana", "style: gouache")
    await scene.room.settled()
    child = next(one for one in await scene.room.thread() if "gouache" in one.text)
    assert "Against r1: style changed, same seeds" in child.text
    await scene.room.press("Ben", child, "Baseline")
    await scene.room.settled()
    await scene.room.reply("Ana", "style: etching")
    await scene.room.settled()
    later = [one for one in await scene.room.thread() if "etching" in one.text]
    assert any("Against r2: style changed" in one.text for one in later)
    told = await scene.room.reply("Cleo", "compare")
    assert "Against r2" in told.text, told


def all_to_review(_surface: str) -> str:
    return "[scoring.pixels]\nblur_review_p90 = 1000000.0\nblur_reject_p90 = 0.0\n"


@story("review-queue", settings=all_to_review)
async def review(scene: Scene) -> None:
    await made(scene.room, ONE)
    (run,) = await scene.room.app.search.recent(limit=1)
    assert run.artworks[0].verdict == "review"
    told = await scene.room.mention("Ben", "review")
    assert "a red fox" in told.text
    assert "1 waits for a decision" in told.text
    if scene.surface == "console":
        await scene.room.reply("Ben", "reject 1 crop")
    else:
        assert {"Approve", "Reject…", "Next"} <= set(told.buttons)
        form = await scene.room.press_told("Ben", told, "Reject…")
        assert form.form == "reject"
        await scene.room.fill("Ben", form, {"reason": "crop"})
    card = await now(scene.room)
    assert "#1 rejected by Ben" in card.text
    told = await scene.room.mention("Ben", "review")
    assert "Nothing waits" in told.text


@story("take-down")
async def take_down(scene: Scene) -> None:
    card = await made(scene.room)
    told = await take(scene, "Ben", card)
    assert "Only Ana" in told
    told = await take(scene, "Ana", card)
    assert not told, told

    async def gone() -> bool:
        return "Taken down by Ana" in (await scene.room.cards())[-1].text

    await until(scene.room.app, gone)
    card = await now(scene.room)
    assert "a red fox" not in card.text
    assert not card.pictures
    assert not {"Pick 1", "Reroll"} & set(card.buttons)
    (run,) = await scene.room.app.search.recent(limit=1)
    assert (run.taken_down_by, len(run.artworks)) == ("Ana", 2), "the record stays"


async def take(scene: Scene, who: str, card: Shown) -> str:
    """❌ on a card."""
    return (await scene.room.react(who, card, "❌")).text


def small_files(_surface: str) -> str:
    return "[chat]\nmax_file_bytes = 60000\n"


@story("oversize", settings=small_files)
async def oversize(scene: Scene) -> None:
    """A picture that is larger than may be sent: a preview, and the way to the original."""
    card = await made(scene.room, ONE)
    assert card.pictures
    (run,) = await scene.room.app.search.recent(limit=1)
    assert run.artworks[0].size_bytes > 60_000
    await scene.room.press("Ben", card, "Pick 1")
    await scene.room.settled()
    (line,) = [one for one in await scene.room.thread() if "picked #1" in one.text]
    assert line.pictures == 1
    if scene.surface == "console":  # the page shows a thumbnail that leads to the original
        digest = run.artworks[0].digest
        assert f"/api/artworks/{digest}" in card.links
        return
    assert "original" in line.text
    assert run.id in line.text
