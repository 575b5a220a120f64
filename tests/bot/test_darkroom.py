import asyncio
import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.darkroom import KEPT, THUMBNAIL_PX, Darkroom, develop
from bot.grid import GridTile, draw_grid
from domain.errors import NotFoundError, PictureError
from domain.picture import digest_of, inspect
from scoring.pixels import measure_artwork
from storage.artifacts import LocalArtifacts
from storage.thumbnails import Thumbnails
from tests.providers.given import Here
from tests.scoring.given import noise, png, scene


class Counting(Here):
    """A pixel pool in this process that counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def run(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        self.asked.append(function.__name__)
        await asyncio.sleep(0)
        return await super().run(function, *args, **kwargs)


@pytest.fixture
def pool() -> Counting:
    return Counting()


@pytest.fixture
def room(tmp_path: Path, pool: Counting) -> Darkroom:
    return Darkroom(pool, LocalArtifacts(tmp_path), Thumbnails(tmp_path))


def size_of(data: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(data)).size


def test_one_decoding_says_what_the_single_looks_say() -> None:
    data = png(scene())
    prints = develop(data)
    assert prints.facts == inspect(data)
    assert prints.measured == measure_artwork(data, 0)
    assert max(size_of(prints.thumbnail)) == THUMBNAIL_PX


@pytest.mark.parametrize("size", [(1024, 1024), (300, 200), (4000, 60), (60, 1500)])
def test_a_grid_of_prints_is_the_grid_of_the_files(size: tuple[int, int]) -> None:
    datas = [png(scene().resize(size)), png(noise().resize(size))]
    files = [GridTile(number=i, data=data, caption="fit –") for i, data in enumerate(datas, 1)]
    prints = [
        GridTile(number=i, data=None, shrunk=develop(data).shrunk, caption="fit –")
        for i, data in enumerate(datas, 1)
    ]
    assert draw_grid(prints) == draw_grid(files)


async def test_a_scorer_that_fails_costs_no_picture(
    monkeypatch: pytest.MonkeyPatch, room: Darkroom, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_rgb: object) -> dict[str, float]:
        raise ZeroDivisionError

    monkeypatch.setattr("scoring.pixels.figures", broken)
    assert (await room.look(png(scene()))).width_px == scene().width
    assert "not measured" in caplog.text


async def test_what_is_no_picture_is_refused(room: Darkroom) -> None:
    with pytest.raises(PictureError):
        await room.look(b"<svg/>")


async def test_a_thumbnail_is_made_with_the_picture_and_once_when_it_is_gone(
    tmp_path: Path, room: Darkroom, pool: Counting
) -> None:
    data = png(scene())
    digest = await LocalArtifacts(tmp_path).put(data, "image/png")
    await room.look(data)
    first = await room.thumbnail(digest)
    assert pool.asked == ["develop"]
    shutil.rmtree(tmp_path / "thumbnails")
    again = await asyncio.gather(*(room.thumbnail(digest) for _ in range(20)))
    assert set(again) == {first}
    assert pool.asked == ["develop", "thumbnail"]


async def test_a_thumbnail_that_cannot_be_kept_is_still_shown(
    tmp_path: Path, room: Darkroom, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "thumbnails").write_text("a file in the way")
    digest = await LocalArtifacts(tmp_path).put(png(scene()), "image/png")
    assert max(size_of(await room.thumbnail(digest))) == THUMBNAIL_PX
    assert "thumbnail not kept" in caplog.text


async def test_no_thumbnail_of_what_is_not_there(room: Darkroom) -> None:
    with pytest.raises(NotFoundError):
        await room.thumbnail("sha256:" + "0" * 64)


async def test_only_the_last_prints_are_kept_and_each_is_handed_out_once(room: Darkroom) -> None:
    datas = [png(Image.new("RGB", (16, 16), (shade, 0, 0))) for shade in range(KEPT + 1)]
    for data in datas:
        await room.look(data)
    digests = [f"sha256:{digest_of(data)}" for data in datas]
    assert room.taken(digests[0]) is None
    assert room.taken(digests[-1]) is not None
    assert room.taken(digests[-1]) is None
