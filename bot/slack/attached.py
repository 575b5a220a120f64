"""Files that came with a message: pictures are named and kept, others are said to be left out."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from domain.event import Attachment

SHOWN: Final = frozenset({"png", "jpg", "jpeg", "gif", "webp"})
MOST: Final = 8


def pictures(files: Iterable[Mapping[str, Any]]) -> tuple[Attachment, ...]:
    """Return the pictures among *files*, named ``picture1``, ``picture2`` and so on."""
    found = [one for one in files if _is_picture(one)][:MOST]
    return tuple(
        Attachment(
            name=f"picture{number}",
            url=str(one.get("url_private_download") or one.get("url_private") or ""),
            size_bytes=int(one.get("size") or 0),
        )
        for number, one in enumerate(found, 1)
    )


def others(files: Iterable[Mapping[str, Any]]) -> int:
    """Return how many of *files* are no pictures."""
    return sum(not _is_picture(one) for one in files)


def left_out(files: Iterable[Mapping[str, Any]]) -> str:
    """Say what among *files* cannot be used; empty if all can."""
    names = [str(one.get("name") or "a file") for one in files if not _is_picture(one)]
    if not names:
        return ""
    many = "is no picture and was" if len(names) == 1 else "are no pictures and were"
    return f"{', '.join(names)} {many} left out: PNG, JPEG, GIF and WebP can be used."


def _is_picture(file: Mapping[str, Any]) -> bool:
    """Tell by type, and by the name's ending where Slack has not looked at the file yet."""
    kind = str(file.get("mimetype") or "").removeprefix("image/")
    ending = str(file.get("name") or "").rpartition(".")[2].lower()
    return (kind or ending) in SHOWN
