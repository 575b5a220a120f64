"""Pictures in terminals that can show them: kitty's and iTerm2's protocols; others get nothing."""

import base64
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

WIDTH_PX = 900
CHUNK = 4096


def show_picture(path: Path) -> bool:
    """Show a picture on standard output if the terminal can; return whether it was shown."""
    protocol = _protocol()
    if protocol is None or not sys.stdout.isatty():
        return False
    data = _small_png(path.read_bytes())
    for part in _kitty(data) if protocol == "kitty" else _iterm(data):
        sys.stdout.write(part)
    sys.stdout.write("\n")
    return True


def _protocol() -> str | None:
    """Return the picture protocol that the terminal says it speaks."""
    if os.environ.get("TERM") == "xterm-kitty" or os.environ.get("TERM_PROGRAM") == "ghostty":
        return "kitty"
    return "iterm" if os.environ.get("TERM_PROGRAM") in {"iTerm.app", "WezTerm"} else None


def _small_png(data: bytes) -> bytes:
    from domain.picture import MAX_VENDOR_BYTES, Picture

    image = Picture.open(data, max_bytes=MAX_VENDOR_BYTES).image
    image.thumbnail((WIDTH_PX, WIDTH_PX))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _kitty(data: bytes) -> Iterator[str]:
    """Kitty graphics protocol: base64 PNG in chunks, ``m=1`` while more follow."""
    text = base64.standard_b64encode(data).decode()
    for start in range(0, len(text), CHUNK):
        more = int(start + CHUNK < len(text))
        head = f"f=100,a=T,m={more}" if start == 0 else f"m={more}"
        yield f"\x1b_G{head};{text[start : start + CHUNK]}\x1b\\"


def _iterm(data: bytes) -> Iterator[str]:
    """iTerm2 inline images: OSC 1337 ``File=inline=1``."""
    text = base64.standard_b64encode(data).decode()
    yield f"\x1b]1337;File=inline=1;size={len(data)}:{text}\a"
