"""``python -m benchmarks``: every benchmark in turn, figures and ratios taken in this run."""

import importlib
import sys
import time

PROGRAMS = (
    "sketch",
    "pixels",
    "embedder",
    "grid",
    "providers",
    "service",
    "console",
    "chat",
    "stories",
)


def main() -> None:
    for name in sys.argv[1:] or PROGRAMS:
        began = time.monotonic()
        print(f"\n== {name} ==", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()
        print(f"   ({time.monotonic() - began:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
