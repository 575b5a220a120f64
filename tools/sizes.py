"""Refuse rooms that are too large to live in: 400 lines a file, 800 for tests and emulators."""

import subprocess
import sys
from pathlib import Path

LINES = 400
TEST_LINES = 800


def too_large() -> list[str]:
    """Return what is over its size, a line each."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    names = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603  our own words
    found = []
    for name in names:
        lines = len(Path(name).read_text(encoding="utf-8").splitlines())
        limit = TEST_LINES if name.startswith("tests/") else LINES
        if lines > limit:
            found.append(f"{name}: {lines} lines, at most {limit}")
    return found


if __name__ == "__main__":
    found = too_large()
    sys.stderr.writelines(f"{line}\n" for line in found)
    sys.exit(bool(found))
