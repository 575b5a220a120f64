"""An export is written whole or not at all, and never over anything that is not an export."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text

from domain.errors import StorageError
from storage.export import ExportFile, Exports, checksums, sidecar_file, write_folder
from tests.storage.conftest import Memory

FILES = [
    ExportFile("a.png", b"first"),
    ExportFile("inputs/b.png", b"second"),
    sidecar_file("a.png", {"brief": "café"}),
]
EXPORT = [*FILES, checksums(FILES)]


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_new_folder_holds_every_file_byte_for_byte(tmp_path: Path) -> None:
    told: list[int] = []
    write_folder(tmp_path / "out" / "deep", EXPORT, told.append)
    folder = tmp_path / "out" / "deep"
    assert names(folder) == {"a.png", "inputs/b.png", "a.png.json", "SHA256SUMS"}
    assert (folder / "a.png").read_bytes() == b"first"
    assert (folder / "a.png.json").read_text(encoding="utf-8") == '{\n  "brief": "café"\n}\n'
    assert told == [1, 2, 3, 4]
    assert names(tmp_path) == {f"out/deep/{name}" for name in names(folder)}


def test_the_checksums_are_what_sha256sum_reads(tmp_path: Path) -> None:
    write_folder(tmp_path / "out", EXPORT)
    said = (tmp_path / "out" / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert said[0] == f"{hashlib.sha256(b'first').hexdigest()}  a.png"
    tool = shutil.which("sha256sum")
    if tool:
        check = [tool, "--check", "--strict", "SHA256SUMS"]
        subprocess.run(check, cwd=tmp_path / "out", check=True, capture_output=True)  # noqa: S603


def test_an_empty_folder_is_filled_and_a_former_export_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    write_folder(folder, EXPORT)
    other = [ExportFile("c.png", b"third")]
    write_folder(folder, [*other, checksums(other)])
    assert names(folder) == {"c.png", "SHA256SUMS"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("beside", ["mine.txt", "SHA256SUMS", "inputs/mine.txt"])
def test_a_folder_that_holds_anything_else_is_refused_and_untouched(
    tmp_path: Path, beside: str
) -> None:
    folder = tmp_path / "out"
    if beside != "SHA256SUMS":
        write_folder(folder, EXPORT)
    else:
        folder.mkdir()
        (folder / "thesis.odt").write_bytes(b"mine")
    (folder / beside).write_bytes(b"0000  something\n")
    before = names(folder)
    with pytest.raises(StorageError, match="holds other files") as refused:
        write_folder(folder, EXPORT)
    assert refused.value.hint
    assert names(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_folder_where_one_stands_is_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    for folder in (Path(), Path(".."), inside, Path("/")):
        with pytest.raises(StorageError):
            write_folder(folder, EXPORT)
    assert inside.exists()


def test_a_place_that_cannot_be_written_is_said_and_nothing_stays(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    for folder in (tmp_path / "out", tmp_path / "out" / "deeper"):
        with pytest.raises(StorageError, match="cannot write") as refused:
            write_folder(folder, EXPORT)
        assert refused.value.hint
    assert names(tmp_path) == {"out"}


def test_a_failure_half_way_leaves_the_former_export(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_folder(folder, EXPORT)
    twice = [ExportFile("a.png", b"new"), ExportFile("a.png", b"again")]
    with pytest.raises(StorageError):
        write_folder(folder, twice)
    assert (folder / "a.png").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


async def test_what_was_handed_out_is_in_the_log(memory: Memory) -> None:
    run = await memory.made()
    await Exports(memory.database, memory.clock).remember("X", run.id, "Ana", ["a.png"])
    async with memory.database.read() as connection:
        (row,) = await connection.execute(text("SELECT run_id, by, files_json FROM exports"))
    assert tuple(row) == (run.id, "Ana", '["a.png"]')
