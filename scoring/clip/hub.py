"""Weights from a model hub, only when asked: resumed where they were cut, checked to the byte.

The hub's own interface: ``GET /api/models/ID/revision/NAME?blobs=true`` names commit, files, sizes
and digests; ``GET /ID/resolve/COMMIT/FILE`` gives bytes, also from the middle (``Range``).
"""

import hashlib
import re
from pathlib import Path
from typing import Any, Final

import httpx

from scoring.clip.arrival import MOST_BYTES, TAKEN, Progress, checked, settled
from scoring.clip.weights import CHUNK, CONFIG, TENSORS, Weights, WeightsError

ID: Final = re.compile(r"[\w-][\w.-]{0,95}/[\w-][\w.-]{0,95}")
COMMIT: Final = re.compile(r"[0-9a-f]{40}")
TRIES: Final = 5
LIMITS: Final = httpx.Timeout(30.0, connect=10.0)
HINT: Final = "`ai-handler weights import` takes them from a file, without any network."


def pulled(
    hub_url: str,
    model_id: str,
    into: Path,
    name: str,
    progress: Progress,
    *,
    revision: str = "main",
    valid_for: tuple[str, ...] = ("*",),
) -> Weights:
    """Fetch weights to ``into/name``; what was fetched before the last failure is kept.

    Raises:
        WeightsError: The hub is not there, has none such, or gives other bytes than it promised.
    """
    if not ID.fullmatch(model_id):
        raise WeightsError(f"{model_id!r} is no model of a hub", hint="Ids are OWNER/NAME.")
    if (into / checked(name)).exists():
        raise WeightsError(f"there are weights in {into / name} already", hint="Use --name.")
    with httpx.Client(base_url=hub_url, timeout=LIMITS, follow_redirects=True) as client:
        told = _told(client, model_id, revision)
        aside = into / f".{name}.{told['sha'][:12]}.pulled"
        aside.mkdir(parents=True, exist_ok=True)
        for file in _wanted(told, model_id):
            url = f"/{model_id}/resolve/{told['sha']}/{file['rfilename']}"
            _fetch(client, url, aside / file["rfilename"], file, progress)
    licence = str((told.get("cardData") or {}).get("license") or "unknown")
    source = f"{model_id}, commit {told['sha'][:12]}"
    return settled(aside, into, name, licence=licence, source=source, valid_for=valid_for)


def _told(client: httpx.Client, model_id: str, revision: str) -> dict[str, Any]:
    try:
        answer = client.get(f"/api/models/{model_id}/revision/{revision}", params={"blobs": "true"})
        answer.raise_for_status()
        told: Any = answer.json()
    except httpx.HTTPStatusError as error:
        said = f"the hub has no {model_id} for everybody: {error.response.status_code}"
        raise WeightsError(said, hint=HINT) from error
    except (httpx.HTTPError, ValueError) as error:
        raise WeightsError(f"the hub does not answer: {error}", hint=HINT) from error
    if not isinstance(told, dict) or not COMMIT.fullmatch(str(told.get("sha"))):
        raise WeightsError("the hub's answer names no commit", hint=HINT)
    found: dict[str, Any] = told
    return found


def _wanted(told: dict[str, Any], model_id: str) -> list[dict[str, Any]]:
    listed = [one for one in told.get("siblings", []) if one.get("rfilename") in TAKEN]
    names = {one["rfilename"] for one in listed}
    if not {CONFIG, TENSORS} <= names:
        said = f"{model_id} is not in open_clip's own form: {CONFIG} and {TENSORS}"
        raise WeightsError(said, hint="Look for the same weights under an id of open_clip's.")
    if any(not isinstance(one.get("size"), int) or one["size"] > MOST_BYTES for one in listed):
        raise WeightsError(f"the hub does not say how large the files of {model_id} are")
    # Small files first: what is wrong with the form shows before the tensors are fetched.
    return sorted(listed, key=lambda one: int(one["size"]))


def _fetch(
    client: httpx.Client, url: str, path: Path, file: dict[str, Any], progress: Progress
) -> None:
    last = ""
    for _ in range(TRIES):
        if path.exists() and path.stat().st_size >= file["size"]:
            break
        try:
            _go_on(client, url, path, file, progress)
        except httpx.HTTPError as error:
            last = str(error) or type(error).__name__
    size = path.stat().st_size if path.exists() else 0
    if size < file["size"]:
        said = f"{path.name} is half-downloaded: {size} of {file['size']} bytes; {last}"
        raise WeightsError(said, hint="The same command goes on from there.")
    if size != file["size"] or not _is(path, file):
        path.unlink()
        raise WeightsError(f"the hub gave other bytes for {path.name} than it promised", hint=HINT)


def _go_on(
    client: httpx.Client, url: str, path: Path, file: dict[str, Any], progress: Progress
) -> None:
    done = path.stat().st_size if path.exists() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
    with client.stream("GET", url, headers=headers) as answer:
        answer.raise_for_status()
        # A hub that does not know Range sends all of it again.
        goes_on = answer.status_code == httpx.codes.PARTIAL_CONTENT
        done = done if goes_on else 0
        with path.open("ab" if goes_on else "wb") as out:
            # As it comes: what a larger buffer held when the connection is cut would be lost.
            for chunk in answer.iter_raw():
                done += out.write(chunk)
                if done > file["size"]:
                    return
                progress(path.name, done, file["size"])


def _is(path: Path, file: dict[str, Any]) -> bool:
    """Compare with the SHA-256 of large files, and with git's own SHA-1 of small ones."""
    large = (file.get("lfs") or {}).get("sha256")
    digest = hashlib.sha256() if large else hashlib.sha1(usedforsecurity=False)
    if not large:
        digest.update(f"blob {file['size']}\0".encode())
    with path.open("rb") as data:
        while chunk := data.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest() == (large or file.get("blobId"))
