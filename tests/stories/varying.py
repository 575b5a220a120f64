"""Stories of one line that stands for several: words and values in braces, strength on purpose."""

from tests.stories.drivers.waiting import until
from tests.stories.told import Scene, story

MODEL = "--model sketch:storyboard"
SIX = f"a red {{fox, owl}} :: in the snow --cfg {{3, 5, 7}} --count 1 --seed 7 {MODEL}"


async def _sheet(scene: Scene) -> None:
    """Wait until the sheet is drawn, which happens after the last run has ended, and is shown."""
    app = scene.room.app
    await scene.room.settled()
    (run,) = await app.search.recent(limit=1)

    async def drawn() -> bool:
        return bool(run.family and (await app.families.get(run.family)).sheet)

    await until(app, drawn)
    await scene.room.settled()


@story("permutation-is-one-card")
async def permuted(scene: Scene) -> None:
    line = f"a red {{fox, owl}} :: in the {{snow, rain}} --count 1 --seed 7 {MODEL}"
    await scene.room.imagine("Ana", line)
    await _sheet(scene)
    (card,) = await scene.room.cards()
    for word in ("r1–r4", "4 cells", "subject", "environment", "owl", "rain"):
        assert word in card.text, (word, card.text)
    assert card.pictures
    assert {"Choose r1", "Choose r4"} <= set(card.buttons)
    runs = await scene.room.app.search.recent(limit=4)
    said = [(run.spec.segments.subject.text, run.spec.segments.environment.text) for run in runs]
    assert sorted(said) == [
        ("a red fox", "in the rain"),
        ("a red fox", "in the snow"),
        ("a red owl", "in the rain"),
        ("a red owl", "in the snow"),
    ]
    assert {run.seeds for run in runs} == {(7,)}
    await scene.room.press("Ben", card, "Choose r4")
    await scene.room.settled()
    (own,) = [one for one in await scene.room.thread() if "Pick 1" in one.buttons]
    assert "a red owl" in own.text


@story("permutation-too-many")
async def too_many(scene: Scene) -> None:
    told = await scene.room.imagine("Ana", "a {a, b, c, d} {a, b, c, d} {a, b, c, d} fox")
    assert "64 cells" in told.text
    assert "25" in told.text
    assert not await scene.room.cards()


@story("sweep-of-a-value")
async def sweep(scene: Scene) -> None:
    await scene.room.imagine("Ana", SIX)
    await scene.room.settled()
    (card,) = await scene.room.cards()
    assert "6 cells" in card.text
    assert "cfg scale" in card.text
    assert {f"Choose r{number}" for number in range(1, 7)} <= set(card.buttons)
    runs = await scene.room.app.search.recent(limit=6)
    assert sorted(run.spec.cfg_scale or 0 for run in runs) == [3, 3, 5, 5, 7, 7]


@story("strength-sweep")
async def strengths(scene: Scene) -> None:
    await scene.room.imagine("Ana", f"a red fox :: in the snow --count 1 --seed 7 {MODEL}")
    await scene.room.settled()
    await scene.room.mention("Ben", "branch 1 --strength 0.8")
    await scene.room.settled()
    (child,) = [one for one in await scene.room.thread() if "Branched" in one.text]
    assert "is lost" in child.text
    await scene.room.press("Ben", child, "4 strengths")
    await scene.room.settled()
    runs = await scene.room.app.search.recent(limit=4)
    assert sorted(run.spec.denoising_strength or 0 for run in runs) == [0.4, 0.5, 0.6, 0.7]
    assert len({run.spec.init_image for run in runs}) == 1
    assert len({run.family for run in runs}) == 1
    assert any("4 cells" in one.text for one in await scene.room.thread())
