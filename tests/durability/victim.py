"""The real service in a process of its own that dies at a named point, and the nest it is born in.

``python -m tests.durability.victim`` imports the program once, then forks a fresh process for each
order that it reads as a line of JSON; so a start costs 0.3 s instead of 1.5 s. Pixel workers are
spawned and import this file again: it stays light.
"""
# ruff: noqa: PLC0415 -- pixel workers import this file again, and need nothing of the service

import asyncio
import json
import os
import sys
import time
import traceback
from importlib import import_module
from typing import Any

POLL_S = 0.01


def main() -> None:
    """Serve orders: ``{"start": {…}}`` answers a pid, ``{"wait": pid, "limit_s": s}`` its end."""
    import_module("tests.durability.living")  # whatever a start imports, every fork has
    say({"ready": True})
    for line in sys.stdin:
        order = json.loads(line)
        if "start" in order:
            say({"pid": born(order["start"])})
        else:
            say({"ended": ended(order["wait"], order["limit_s"])})


def say(answer: dict[str, Any]) -> None:
    """Answer with one line of JSON."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def born(order: dict[str, Any]) -> int:
    """Fork a process that carries the order out; return its pid."""
    pid = os.fork()
    if pid:
        return pid
    from tests.durability.living import live

    try:
        os.setsid()
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for stream in (1, 2):
            os.dup2(log, stream)
        os.environ.update(order["environ"])
        asyncio.run(live(order))
    except BaseException:  # noqa: BLE001 -- a fork never goes back into the nest's loop
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def ended(pid: int, limit_s: float) -> int | None:
    """Wait for a process; return its exit code (negative: the signal), None if it lives on."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(POLL_S)
    return None


if __name__ == "__main__":
    main()
