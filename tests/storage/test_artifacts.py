"""Files by content: stored once, whole or not at all, and checked whenever they are read."""

import asyncio
import hashlib
import os
from pathlib import Path

import pytest

from domain.errors import NotFoundError, StorageError
from storage.artifacts import LocalArtifacts, output_path

DATA = b"some bytes of a picture"
STEM = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def artifacts(tmp_path: Path) -> LocalArtifacts:
    return LocalArtifacts(tmp_path)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_a_file_is_named_by_the_sha256_of_its_bytes(
    artifacts: LocalArtifacts, tmp_path: Path
) -> None:
    digest = await artifacts.put(DATA, "image/png")
    assert digest == f"sha256:{STEM}"
    assert files(tmp_path) == [f"artifacts/{STEM[:2]}/{STEM}.png"]
    assert output_path(digest, "image/png") == f"artifacts/{STEM[:2]}/{STEM}.png"
    assert (tmp_path / output_path(digest, "image/png")).read_bytes() == DATA
    assert await artifacts.get(digest) == DATA


async def test_the_same_bytes_are_stored_once(artifacts: LocalArtifacts, tmp_path: Path) -> None:
    first = await artifacts.put(DATA, "image/png")
    before = artifacts.path(first, "image/png").stat().st_mtime_ns
    assert await artifacts.put(DATA, "image/png") == first
    assert artifacts.path(first, "image/png").stat().st_mtime_ns == before
    assert len(files(tmp_path)) == 1


@pytest.mark.parametrize(
    ("media_type", "suffix"),
    [("image/png", ".png"), ("image/jpeg", ".jpg"), ("image/webp", ".webp")],
)
async def test_a_file_is_found_whatever_its_type(
    artifacts: LocalArtifacts, media_type: str, suffix: str
) -> None:
    digest = await artifacts.put(DATA, media_type)
    found = await asyncio.to_thread(artifacts.find, digest)
    assert found is not None
    assert found.suffix == suffix
    assert await artifacts.get(digest) == DATA


async def test_a_file_that_is_gone_is_not_found(artifacts: LocalArtifacts) -> None:
    digest = f"sha256:{'0' * 64}"
    assert await asyncio.to_thread(artifacts.find, digest) is None
    with pytest.raises(NotFoundError, match=digest):
        await artifacts.get(digest)


async def test_bytes_that_were_changed_on_disk_are_never_handed_out(
    artifacts: LocalArtifacts,
) -> None:
    digest = await artifacts.put(DATA, "image/png")
    artifacts.path(digest, "image/png").write_bytes(DATA.upper())
    with pytest.raises(StorageError, match="changed on disk"):
        await artifacts.get(digest)


async def test_a_file_cut_short_by_a_crash_is_written_anew(artifacts: LocalArtifacts) -> None:
    digest = await artifacts.put(DATA, "image/png")
    artifacts.path(digest, "image/png").write_bytes(DATA[:5])
    assert await artifacts.put(DATA, "image/png") == digest
    assert await artifacts.get(digest) == DATA


async def test_what_a_crash_left_aside_is_harmless(
    artifacts: LocalArtifacts, tmp_path: Path
) -> None:
    folder = tmp_path / "artifacts" / STEM[:2]
    folder.mkdir(parents=True)
    (folder / f".{STEM}.png.0badcafe").write_bytes(DATA[:5])
    assert await asyncio.to_thread(artifacts.find, f"sha256:{STEM}") is None
    assert await artifacts.get(await artifacts.put(DATA, "image/png")) == DATA


@pytest.mark.parametrize("where", ["artifacts", f"artifacts/{STEM[:2]}"])
async def test_a_folder_that_cannot_be_written_is_said_and_nothing_stays(
    artifacts: LocalArtifacts, tmp_path: Path, where: str
) -> None:
    blocked = tmp_path / where
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("a file where a folder belongs", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot write") as refused:
        await artifacts.put(DATA, "image/png")
    assert "permissions" in refused.value.hint
    assert files(tmp_path) == [where]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_said(artifacts: LocalArtifacts, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="cannot write"):
        asyncio.run(artifacts.put(DATA, "image/png"))
    tmp_path.chmod(0o700)


async def test_a_rename_that_fails_leaves_nothing_half_written(
    artifacts: LocalArtifacts, tmp_path: Path
) -> None:
    artifacts.path(f"sha256:{STEM}", "image/png").mkdir(parents=True)
    with pytest.raises(StorageError, match="cannot write"):
        await artifacts.put(DATA, "image/png")
    assert files(tmp_path) == []


async def test_a_file_that_cannot_be_read_is_said(artifacts: LocalArtifacts) -> None:
    artifacts.path(f"sha256:{STEM}", "image/png").mkdir(parents=True)
    with pytest.raises(StorageError, match="cannot read"):
        await artifacts.get(f"sha256:{STEM}")
