"""Seconds per story and surface: every story once on each, as the tests tell them."""

import re
import subprocess
import sys
from collections import defaultdict

TOOK = re.compile(r"([0-9.]+)s call .*::story\[([a-z-]+)-(slack|discord|console)\]")
SURFACES = ("slack", "discord", "console")


def main() -> None:
    command = [sys.executable, "-m", "pytest", "tests/stories/test_stories.py", "-q"]
    done = subprocess.run(
        [*command, "--durations=0", "--durations-min=0"],
        capture_output=True,
        text=True,
        check=False,
    )
    took: dict[str, dict[str, float]] = defaultdict(dict)
    for seconds, name, surface in TOOK.findall(done.stdout):
        took[name][surface] = float(seconds)
    print(f"{'story':<34}" + "".join(f"{surface:>10}" for surface in SURFACES))
    for name in sorted(took):
        cells = "".join(f"{took[name].get(surface, 0.0):>9.1f}s" for surface in SURFACES)
        print(f"{name:<34}{cells}")
    print(done.stdout.strip().splitlines()[-1])


if __name__ == "__main__":
    main()
