"""Stories of prompt templates: kept from a thread, used with slots, versions compared."""

from typing import Any

from tests.stories.told import Scene, story

KETTLE = "a brass kettle :: on slate :: 85mm :: editorial, calm :: text --ar 4:5 --count 2 --seed 7"


@story("template-kept-and-used")
async def kept_and_used(scene: Scene) -> None:
    await scene.room.imagine("Ana", KETTLE)
    await scene.room.settled()
    told = await scene.room.mention("Ana", "templates save kettle metal=brass ground=slate")
    assert "Kept as kettle@1: imagine --template kettle" in told.text, told.text
    await scene.room.imagine("Ben", "--template kettle metal=steel style=+ noir --count 1")
    await scene.room.settled()
    made, first = await scene.room.app.search.recent(limit=2)
    assert made.spec.segments.subject.text == "a steel kettle"
    assert made.spec.segments.environment.text == "on slate"
    assert made.spec.segments.style.text == "editorial, calm, noir"
    assert made.spec.aspect_ratio == first.spec.aspect_ratio == "4:5"
    report: Any = await scene.room.app.report(made)
    assert report["spec"]["template"] == {
        "name": "kettle",
        "version": 1,
        "slots": {"metal": "steel", "ground": "slate"},
        "includes": [],
        "segment": None,
    }


@story("template-versions-compared")
async def versions(scene: Scene) -> None:
    await scene.room.imagine("Ana", "templates add hero a {thing=fox|owl} :: in {@daylight}")
    again = await scene.room.imagine("Ben", "templates add hero a bold {thing=fox|owl}")
    assert "Kept as hero@3" in again.text, again.text  # the program's own is the first
    told = await scene.room.imagine("Ana", "templates diff hero 2 3")
    assert "{+bold+}" in told.text, told.text
    listed = await scene.room.imagine("Ana", "templates")
    assert "hero@3 by Ben · not used yet" in listed.text, listed.text
    await scene.room.imagine("Ana", "--template hero@2 --count 1 --seed 7")
    await scene.room.settled()
    (run,) = await scene.room.app.search.recent(limit=1)
    assert run.spec.template is not None
    assert run.spec.template.includes == ("daylight@1",)
    assert run.spec.segments.environment.text.startswith("in soft daylight")
    shown = await scene.room.imagine("Ana", "templates show hero")
    assert "hero@2 by Ana · 1 run, 0% approved" in shown.text, shown.text


@story("template-filled-wrongly")
async def wrongly(scene: Scene) -> None:
    told = await scene.room.imagine("Ana", "--template packshot mood=warn")
    for words in ("thing: must be given", "one of clean, warm, dramatic", "warm"):
        assert words in told.text, (words, told.text)
    told = await scene.room.imagine("Ana", "--template pakshot thing=x")
    assert "packshot" in told.text, told.text
    assert not await scene.room.cards()
