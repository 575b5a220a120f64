"""Weights that come to this machine: copied aside, checked byte by byte, then there at once.

What comes in is open_clip's own form (``open_clip_config.json`` and safetensors), or a whole folder
of ours with its manifest; as a folder or as one archive. Nothing in it is run, and no name in it is
a path.
"""

import gzip
import json
import lzma
import os
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from pydantic import TypeAdapter, ValidationError

from scoring.clip.bpe import COUNT, MERGES, pairs_in
from scoring.clip.fit import BANK
from scoring.clip.ort import IMAGE, TEXT
from scoring.clip.reading import WORDS, preparation_of, tokens_of
from scoring.clip.weights import (
    CHUNK,
    CONFIG,
    MANIFEST,
    TENSORS,
    Name,
    Weights,
    WeightsError,
    opened,
    sealed,
    shipped,
)

VOCABULARY: Final = "bpe_simple_vocab_16e6.txt.gz"
TAKEN: Final = (CONFIG, TENSORS, IMAGE, TEXT, WORDS, MERGES, VOCABULARY, BANK, MANIFEST)
"""The files that weights are made of; all others of a folder are passed over."""
MOST_BYTES: Final = 16 << 30
ONE: Final = TypeAdapter(Name)

Progress = Callable[[str, int, int], None]
"""Told of a file's name, how many of its bytes are here, and how many there are."""


def arrived(
    source: Path,
    into: Path,
    name: str,
    progress: Progress = lambda _name, _done, _of: None,
    /,
    **said: Any,
) -> Weights:
    """Copy weights to ``into/name``; a folder of that name is there whole, or not at all.

    Args:
        source: A folder, or a zip or tar archive of one.
        into: The folder of all weights of this machine.
        name: What the weights are called from now on.
        progress: Told while bytes are copied.
        said: For weights without a manifest: licence, source, valid_for, quick_gelu.

    Raises:
        WeightsError: They are not whole, not ours to run, or there already.
    """
    with staged(into, name) as aside, _readable(source):
        for file, stream, size in _streams(source):
            _copy(stream, aside / file, size, progress)
        return settled(aside, into, name, **said)


@contextmanager
def staged(into: Path, name: str) -> Iterator[Path]:
    """Give a folder to fill, beside the one that it will be; gone afterwards unless settled."""
    target = into / checked(name)
    if target.exists():
        hint = "Name another with --name, or remove that folder first."
        raise WeightsError(f"there are weights in {target} already", hint=hint)
    aside = into / f".{name}.partial"
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        yield aside
    except OSError as error:
        raise WeightsError(f"weights cannot be written to {into}: {error.strerror}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def settled(aside: Path, into: Path, name: str, /, **said: Any) -> Weights:
    """Complete and check a filled folder, and give it its name.

    Raises:
        WeightsError: What is in it is not whole.
    """
    if not (aside / CONFIG).exists():
        hint = f"Weights are {CONFIG} and {TENSORS}, as open_clip saves them."
        raise WeightsError(f"there is no {CONFIG} in it", hint=hint)
    if not (aside / MANIFEST).exists():
        _described(aside, name, said)
    weights = opened(aside)
    tokens_of(weights)
    preparation_of(weights)
    for path in aside.iterdir():
        _synced(path)
    target = into / name
    aside.rename(target)
    _synced(into)
    return weights.model_copy(update={"folder": target})


def checked(name: str) -> str:
    """Return a name that is one.

    Raises:
        WeightsError: It is none.
    """
    try:
        return ONE.validate_python(name)
    except ValidationError as error:
        hint = "Small letters, figures, dots, dashes and underscores."
        raise WeightsError(f"{name!r} is no name for weights", hint=hint) from error


def _described(aside: Path, name: str, said: dict[str, Any]) -> None:
    """Write the manifest of weights that came without one."""
    model = _model_of(aside)
    quick = bool(model.get("quick_gelu", False))
    told = said.pop("quick_gelu", None)
    whose = f"{name} {said.get('source', '')}".lower()
    if told is None and "openai" in whose and not quick:
        raise WeightsError(
            f"{CONFIG} builds {name} with GELU, and OpenAI's weights were trained with QuickGELU",
            hint='Use the configuration with "quick_gelu": true; with --gelu you insist.',
        )
    if told is not None and told != quick:
        words = ("GELU", "QuickGELU")
        raise WeightsError(f"{CONFIG} builds {words[quick]}, not {words[told]}")
    if not (aside / TENSORS).exists() and not (aside / IMAGE).exists():
        raise WeightsError(f"there is neither {TENSORS} nor {IMAGE} in it")
    _worded(aside)
    if not (aside / BANK).exists():
        shutil.copyfile(shipped() / BANK, aside / BANK)
    side = model["vision_cfg"]["image_size"]
    text = model["text_cfg"]
    try:
        sealed(
            aside, name=name, quick_gelu=quick, dim=model["embed_dim"], side_px=side,
            context_length=text["context_length"], **said,
        )  # fmt: skip
    except ValidationError as error:
        where = error.errors()[0]
        raise WeightsError(f"{CONFIG}: {where['loc'][0]}: {where['msg']}") from error


def _model_of(aside: Path) -> dict[str, Any]:
    """Return ``model_cfg``, with what open_clip takes for granted written out in the file."""
    try:
        config = json.loads((aside / CONFIG).read_bytes())
        model: dict[str, Any] = config["model_cfg"]
        model["embed_dim"], model["vision_cfg"]["image_size"]
        model["text_cfg"].setdefault("context_length", 77)
        model["text_cfg"].setdefault("vocab_size", 49_408)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"{CONFIG} is not open_clip's form") from error
    if "hf_model_name" in model["text_cfg"] or "timm_model_name" in model["vision_cfg"]:
        raise WeightsError(f"{CONFIG} wants a network from elsewhere: only open_clip's own do")
    (aside / CONFIG).write_text(json.dumps(config, indent=2), "utf-8")
    return model


def _worded(aside: Path) -> None:
    """See that the vocabulary is there: OpenAI's, if it can be found and nothing else was sent."""
    packed = aside / VOCABULARY
    if not (aside / WORDS).exists() and not (aside / MERGES).exists():
        found = packed if packed.exists() else _of_open_clip()
        if found is None:
            raise WeightsError(
                f"there is no {MERGES} in it, which says how words become numbers",
                hint="It lies beside most CLIP weights; with the extra [clip] it is not needed.",
            )
        pairs = pairs_in(gzip.decompress(found.read_bytes()).decode())
        lines = ["#version: 0.2", *(" ".join(pair) for pair in pairs)]
        (aside / MERGES).write_text("\n".join(lines) + "\n", "utf-8")
    packed.unlink(missing_ok=True)
    if (aside / MERGES).exists() and len(_pairs(aside / MERGES)) != COUNT:
        raise WeightsError(f"{MERGES} is not OpenAI's: {COUNT} pairs are wanted")


def _pairs(path: Path) -> list[tuple[str, str]]:
    try:
        return pairs_in(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise WeightsError(f"{MERGES} is no text") from error


def _of_open_clip() -> Path | None:
    """Return the vocabulary that comes with open_clip, without importing it."""
    import importlib.util  # noqa: PLC0415  seldom

    spec = importlib.util.find_spec("open_clip")
    path = Path(spec.origin).parent / VOCABULARY if spec and spec.origin else None
    return path if path and path.exists() else None


@contextmanager
def _readable(source: Path) -> Iterator[None]:
    """Say in words what goes wrong with a source."""
    try:
        yield
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise WeightsError(f"{source} is damaged or half-downloaded: {error}") from error
    except OSError as error:
        raise WeightsError(f"cannot take {source}: {error.strerror or error}") from error


def _streams(source: Path) -> Iterator[tuple[str, IO[bytes], int]]:
    """Yield name, bytes and size of each file that weights are made of."""
    if source.is_dir():
        yield from _of_folder(source)
    elif zipfile.is_zipfile(source):
        yield from _of_zip(source)
    elif tarfile.is_tarfile(source):
        yield from _of_tar(source)
    else:
        raise WeightsError(f"{source} is neither a folder nor a zip or tar archive")


def _of_folder(source: Path) -> Iterator[tuple[str, IO[bytes], int]]:
    for name in TAKEN:
        path = source / name
        if path.is_file():
            with path.open("rb") as file:
                yield name, file, path.stat().st_size


def _of_zip(source: Path) -> Iterator[tuple[str, IO[bytes], int]]:
    with zipfile.ZipFile(source) as archive:
        for one in archive.infolist():
            name = PurePosixPath(one.filename).name
            if name in TAKEN and not one.is_dir():
                with archive.open(one) as file:
                    yield name, file, one.file_size


def _of_tar(source: Path) -> Iterator[tuple[str, IO[bytes], int]]:
    with tarfile.open(source) as archive:
        for one in archive:
            name = PurePosixPath(one.name).name
            file = archive.extractfile(one) if one.isfile() and name in TAKEN else None
            if file is not None:
                yield name, file, one.size


def _copy(stream: IO[bytes], path: Path, size: int, progress: Progress) -> None:
    if path.exists():
        raise WeightsError(f"there is more than one {path.name} in it")
    done = 0
    with path.open("xb") as file:
        while chunk := stream.read(CHUNK):
            done += len(chunk)
            if done > MOST_BYTES:
                raise WeightsError(f"{path.name} is larger than any weights we run")
            file.write(chunk)
            progress(path.name, done, size)
    if done != size:
        raise WeightsError(f"{path.name} is half-downloaded: {done} of {size} bytes")


def _synced(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
