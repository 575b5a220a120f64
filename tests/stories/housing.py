"""Stories of LoRA, house styles and characters: kept once, named in a line, held against images."""

from typing import Any

from domain.run import Run
from tests.stories.told import Scene, story

SDXL = "replicate:stability-ai/sdxl"
WEIGHTS = "https://replicate.delivery/mara.tar"
ADD = f'loras add mara family=sdxl trigger="mara woman" weight=0.8 replicate={WEIGHTS}'
FOX = "a red fox :: in the snow :: wide shot :: flat ink, fog :: text --count 2 --seed 7"


async def _newest(scene: Scene) -> Run:
    (run,) = await scene.room.app.search.recent(limit=1)
    return run


@story("lora-on-the-wire", vendor=True)
async def on_the_wire(scene: Scene) -> None:
    assert scene.vendor is not None
    told = await scene.room.imagine("Ana", ADD)
    for words in (
        "Kept. mara@1",
        "for sdxl",
        "mara woman",
        "weight 0.8",
        "replicate.delivery/mara.tar",
    ):
        assert words in told.text, (words, told.text)
    await scene.room.imagine("Ben", f"a portrait --lora mara --model {SDXL} --count 1")
    await scene.room.settled()
    sent: dict[str, Any] = scene.vendor.state()["inputs"][0]
    assert (sent["replicate_weights"], sent["lora_scale"]) == (WEIGHTS, 0.8)
    assert sent["prompt"] == "a portrait, mara woman"
    run = await _newest(scene)
    (used,) = run.parameters.loras
    assert (used.library, used.name, used.weight) == ("mara", WEIGHTS, 0.8)
    (card,) = await scene.room.cards()
    assert "the trigger words of mara" in card.text
    await scene.room.mention("Ben", "environment: at sea --lora mara@0.5")
    await scene.room.settled()
    again: dict[str, Any] = scene.vendor.state()["inputs"][1]
    assert (again["prompt"], again["lora_scale"]) == ("a portrait, mara woman, at sea", 0.5)


@story("lora-of-another-family", vendor=True)
async def another_family(scene: Scene) -> None:
    assert scene.vendor is not None
    await scene.room.imagine("Ana", ADD)
    flux = "replicate:black-forest-labs/flux-dev-lora"
    told = await scene.room.imagine("Ana", f"a portrait --lora mara --model {flux}")
    for words in ("of the family flux", "mara is for sdxl", SDXL):
        assert words in told.text, (words, told.text)
    assert not await scene.room.cards()
    await scene.room.imagine("Ana", "a portrait --lora mara --count 1")
    await scene.room.settled()
    assert (await _newest(scene)).route.model in {
        SDXL,
        "replicate:fofr/sdxl-multi-controlnet-lora",
    }
    assert scene.vendor.state()["creates"] == 1


@story("lora-retired")
async def retired(scene: Scene) -> None:
    told = await scene.room.imagine("Ana", "loras add film family=flux comfyui=film.safetensors")
    assert "Kept. film@1" in told.text
    if scene.surface == "slack":  # Discord has no guests
        refused = await scene.room.imagine("Gus", "loras add cat family=flux comfyui=cat")
        assert "not a full member" in refused.text
    if scene.surface != "console":
        refused = await scene.room.imagine("Ben", "loras retire film")
        assert "may not change that" in refused.text
    told = await scene.room.imagine("Ana", "loras retire film")
    assert "film is retired" in told.text
    told = await scene.room.imagine("Ben", "a portrait --lora film")
    assert "retired by Ana" in told.text
    told = await scene.room.imagine("Ana", "loras add nix family=sdxl weight=9")
    for words in ("weight", "-4 to 4", "needs a place"):
        assert words in told.text, (words, told.text)


@story("house-saved-and-applied")
async def saved(scene: Scene) -> None:
    await scene.room.imagine("Ana", FOX)
    await scene.room.settled()
    (card,) = await scene.room.cards()
    await scene.room.press("Ben", card, "Pick 2")
    told = await scene.room.mention("Ana", "houses save noir")
    for words in ("noir@1", "style: flat ink, fog", "1 reference", "without text"):
        assert words in told.text, (words, told.text)
    first = await _newest(scene)
    line = "a boat :: at sea :: :: bold --house noir --count 2 --seed 9 --model sketch:storyboard"
    await scene.room.imagine("Ben", line)
    await scene.room.settled()
    run = await _newest(scene)
    assert run.spec.house is not None
    assert (run.spec.house.name, run.spec.house.version) == ("noir", 1)
    assert run.spec.house.references == (first.artworks[1].digest,)
    assert run.spec.segments.style.text == "bold, flat ink, fog"
    assert run.spec.segments.negative.text == "text"
    assert all(-1 <= made.scores["consistency_house"] <= 1 for made in run.artworks)
    card = (await scene.room.cards())[-1]
    assert "house noir@1, consistency 0." in card.text
    assert "Storyboard sketch does not take them" in card.text
    told = await scene.room.imagine("Ben", "a boat --house nowhere")
    assert "There are: noir" in told.text, told.text


@story("house-has-versions")
async def versions(scene: Scene) -> None:
    await scene.room.imagine("Ana", "houses save paper cut paper, soft shadow --no gloss")
    told = await scene.room.imagine("Ben", "houses save paper torn paper")
    assert "paper@2" in told.text
    told = await scene.room.imagine("Ana", "houses show paper")
    for words in ("paper@2", "torn paper", "paper@1", "cut paper, soft shadow", "without gloss"):
        assert words in told.text, (words, told.text)
    await scene.room.imagine("Ana", "a boat --house paper@1 --count 1 --seed 3")
    await scene.room.settled()
    run = await _newest(scene)
    assert run.spec.segments.style.text == "cut paper, soft shadow"
    await scene.room.mention("Ana", "again --house paper")
    await scene.room.settled()
    child = await _newest(scene)
    assert child.spec.segments.style.text == "torn paper"
    assert child.spec.house is not None
    assert child.spec.house.version == 2
    told = await scene.room.imagine("Ana", "houses save empty --in r99")
    assert "r99" in told.text


@story("house-of-a-character")
async def character(scene: Scene) -> None:
    await scene.room.imagine("Ana", FOX)
    await scene.room.settled()
    first = await _newest(scene)
    reference = first.artworks[0].digest
    line = f"characters save rex a red fox --ref {reference}:subject --seed 11"
    told = await scene.room.imagine("Ana", line)
    assert "rex@1" in told.text, told.text
    asked = "at sea --character rex --task character --count 1"
    await scene.room.imagine("Ben", f"sails a boat :: {asked}")
    await scene.room.settled()
    run = await _newest(scene)
    assert (run.seeds, run.spec.segments.subject.text) == ((11,), "sails a boat, a red fox")
    assert "consistency_character" in run.artworks[0].scores
    (card, *_) = reversed(await scene.room.cards())
    assert "character rex@1, consistency 0." in card.text
