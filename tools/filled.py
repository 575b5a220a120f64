"""A believable log: a team of four makes, compares and decides, all by lines that people type."""

from pathlib import Path

from bot.app import App
from bot.handler import Said
from config.records import Settings
from config.settings import load
from domain.event import Person, Place
from domain.run import Run

POLICY = "[scoring.pixels]\nsaturation_mean = 0.38\nclipping_fraction = 0.12\n"
"""Stricter than the defaults, so that triage has something to leave to people."""
STORY = (
    ("Ana", "a red fox :: in the snow at dusk :: wide shot :: ink and wash :: text --seed 7"),
    ("Lee", "> environment: in the snow at night"),
    ("Ana", "> style: more cinematic"),
    ("Mara", "> pick 2"),
    ("Ana", "> approve 2"),
    ("Lee", "> branch 2 --strength 0.55"),
    ("Mara", "a copper kettle :: on a slate worktop, morning :: close-up :: editorial --seed 4"),
    ("Ana", "> pick 1"),
    ("Ana", "> approve 1"),
    ("Ben", "a knight :: in a forest at night :: :: flat illustration, dramatic --seed 11"),
    ("Ana", "> approve 3"),
    ("Ben", "> reject 1 crop"),
    ("Lee", "a weather dashboard :: :: phone :: minimal, flat illustration --task ui --seed 2"),
    ("Mara", "a sailing boat :: on the sea at sunset :: wide shot --ar 16:9 --seed 5"),
    ("Mara", "> approve 1"),
    ("Ana", "a red teapot :: on a table in a garden :: :: vintage --seed 21"),
    ("Lee", "> style: duotone"),
    ("Ben", "a lighthouse :: on a cliff in a storm :: :: ink and wash, dramatic --ar 3:2 --seed 8"),
    ("Lee", "> pick 4"),
    ("Mara", "a cactus in a pot :: on a window sill :: close-up :: flat illustration --seed 3"),
    ("Ana", "a hot air balloon :: over mountains, morning :: :: ink and wash --ar 2:3 --seed 9"),
    ("Lee", "an owl :: on a branch at night :: portrait :: night --seed 6"),
    ("Ben", "a bicycle :: in a street in autumn :: :: outline --seed 12"),
    ("Mara", "a birthday cake :: in a kitchen :: top view :: flat illustration --seed 15"),
)  # fmt: skip
"""``(who, line)``; a line after ``>`` answers the run before it."""


def settings_in(folder: Path) -> Settings:
    """Return the settings of a service on *folder*."""
    return load(POLICY, {"AI_HANDLER_DATA_DIR": str(folder), "AI_HANDLER_CONSOLE_PORT": "0"})


async def fill(app: App) -> list[Run]:
    """Say every line of the story, one after the other; return the runs, oldest first."""
    runs: list[Run] = []
    root: Run | None = None
    for who, line in STORY:
        answers = line.startswith("> ")
        run = await _said(app, who, line.removeprefix("> "), root if answers else None)
        if not answers:
            root = run
        if run.id not in {one.id for one in runs}:
            runs.append(run)
    return runs


async def _said(app: App, who: str, line: str, about: Run | None) -> Run:
    said = Said(
        line=line,
        person=Person(surface="console", workspace="local", id=who, name=who),
        place=Place(
            surface="console",
            workspace="local",
            channel="main",
            thread=about.root if about else None,
        ),
        at="thread" if about else "channel",
        about_run=about.id if about else None,
    )
    answer = await app.handler.say(said)
    if answer.run is None:
        raise SystemExit(f"{line!r} made no run: {answer.text}")
    return await app.ended(answer.run.id)
