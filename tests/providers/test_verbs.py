"""Verbs and seeds mean the same on every provider: what is sent for each, and that it is taken."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.grammar import parse
from domain.command import Imagine
from domain.errors import RouteError
from domain.model import ModelCard
from domain.picture import digest_of
from domain.ports import Delivered, ImageRequest, Provider
from domain.run import Run
from pipeline.compile import for_image
from pipeline.compose import Child
from pipeline.produce import Office, plan
from pipeline.route import Routes
from tests.pipeline.given import ROUTES, Counted, event, finished
from tests.providers.given import card, picture
from tests.providers.rows import ROWS, Row
from tests.providers.test_contract import Pair
from tests.vendors.loopback import Vendor, running_thread

PARENT = "imagine a red fox :: in the snow :: :: ink --count 2 --seed 7"
TILE = picture((1024, 1024), colour="orange")
DIGEST = f"sha256:{digest_of(TILE)}"


@dataclass(frozen=True, slots=True)
class Studio:
    """A provider's model, and a finished run of it."""

    row: Row
    model: ModelCard
    parent: Run

    def say(self, line: str) -> Run:
        """Plan what a line in the run's thread asks for."""
        return _planned(line, self.model, self.parent)

    def request(self, run: Run, number: int) -> ImageRequest:
        """Return what is handed to the provider for one image."""
        parameters = for_image(run.parameters, run.seeds[number - 1])
        return ImageRequest(
            key=f"{run.id}/{number}",
            card=self.model,
            parameters=parameters,
            segments=run.spec.segments,
            init_image=TILE if parameters.init_image == DIGEST else None,
        )

    def sent(self, run: Run, number: int = 1) -> dict[str, Any]:
        """Return what the vendor is sent for one image."""
        return self.row.payload(self.request(run, number))


def _planned(line: str, model: ModelCard, parent: Run | None = None) -> Run:
    command = parse(line, at="thread" if parent else "channel")
    assert isinstance(command, Imagine | Child)
    routes: Routes = ROUTES
    desk = Office(
        chance=Counted(seed=5000),
        on=[model],
        known={model.id: model},
        routes=routes,
        confirm_above_usd=100.0,
    )
    said = event(line, confirmed=True)
    (run,) = plan(said, command, desk, parent=parent, pictures={})
    return run


@pytest.fixture(scope="module", params=ROWS, ids=lambda row: row.name)
def studio(request: pytest.FixtureRequest) -> Studio:
    model = card(request.param.model)
    parent = finished(_planned(PARENT, model))
    tiles = tuple(made.model_copy(update={"digest": DIGEST}) for made in parent.artworks)
    return Studio(request.param, model, parent.model_copy(update={"artworks": tiles}))


def test_again_sends_the_same_image_by_image(studio: Studio) -> None:
    child = studio.say("again")
    for number in (1, 2):
        assert studio.sent(child, number) == studio.sent(studio.parent, number)


def test_an_edit_changes_the_words_and_keeps_the_seeds(studio: Studio) -> None:
    child = studio.say("style: more cinematic")
    assert child.seeds == studio.parent.seeds
    before, after = studio.parent.parameters.prompt, child.parameters.prompt
    assert before != after
    for number in (1, 2):
        old, new = studio.sent(studio.parent, number), studio.sent(child, number)
        assert json.dumps(old).replace(json.dumps(before), json.dumps(after)) == json.dumps(new)


def test_a_reroll_sends_fresh_seeds_and_nothing_else(studio: Studio) -> None:
    child = studio.say("reroll")
    assert set(child.seeds).isdisjoint(studio.parent.seeds)
    old, new = studio.sent(studio.parent), studio.sent(child)
    if studio.model.seed is None:
        assert old == new
        return
    assert old != new
    changed = json.dumps(old).replace(str(studio.parent.seeds[0]), str(child.seeds[0]))
    assert changed == json.dumps(new)


def test_a_seed_that_is_named_is_the_one_that_is_sent(studio: Studio) -> None:
    child = studio.say("seed 123")
    assert child.seeds == (123, 124)
    if studio.model.seed is None:
        assert "123" not in json.dumps(studio.sent(child))
    else:
        assert child.parameters.seed == 123
        assert "123" in json.dumps(studio.sent(child))
        assert "124" in json.dumps(studio.sent(child, 2))


def test_a_branch_with_a_change_is_one_image_with_the_tiles_seed(studio: Studio) -> None:
    child = studio.say("branch 2 style: more cinematic")
    assert child.spec.count == 1
    if studio.model.seed is None:
        assert child.spec.init_image == DIGEST, "without seeds the picture is what is kept"
    else:
        assert child.parameters.seed == studio.parent.seeds[1]
        assert child.spec.init_image is None


def test_a_bare_branch_begins_with_the_tiles_picture_or_names_who_can(studio: Studio) -> None:
    if not studio.model.takes_pictures:
        with pytest.raises(RouteError) as error:
            studio.say("branch 2")
        assert "Models that can" in error.value.hint
        return
    child = studio.say("branch 2")
    assert child.spec.init_image == DIGEST
    assert child.seeds == (studio.parent.seeds[1], studio.parent.seeds[1] + 1)
    assert child.spec.count == studio.parent.spec.count
    if studio.model.denoising_strength is None:
        assert any(one.parameter == "denoising_strength" for one in child.adjustments)
    else:
        assert child.parameters.denoising_strength == 0.55


# --- and the vendor takes it ---


@pytest.fixture(scope="module")
def vendor(studio: Studio) -> Iterator[Vendor]:
    with running_thread(studio.row.vendor()) as vendor:
        vendor.admin.set(**studio.row.brisk)
        yield vendor


@pytest.fixture
async def provider(studio: Studio, vendor: Vendor) -> AsyncIterator[Provider]:
    vendor.admin.reset()  # where the key is the job's name, an earlier test's job would be found
    vendor.admin.set(**studio.row.brisk)
    opening = asyncio.to_thread(studio.row.open, vendor.url, vendor.key, studio.model, None)
    opened = await opening
    yield opened
    await opened.close()


LINES = ("again", "style: more cinematic", "reroll", "seed 123", "branch 2 style: dark", "branch 2")


@pytest.mark.parametrize("line", LINES)
async def test_the_vendor_makes_what_each_verb_asks_for(
    studio: Studio, vendor: Vendor, provider: Provider, line: str
) -> None:
    if line == "branch 2" and not studio.model.takes_pictures:
        pytest.skip("the model begins with no picture")
    run = studio.say(line)
    pair = Pair(studio.row, provider, vendor, studio.model)
    made: Delivered = await pair.finish(studio.request(run, 1))
    assert made.data
    if studio.model.seed is not None:
        assert made.seed == run.seeds[0]
