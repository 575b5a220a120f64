"""A data folder, the processes that live and die on it, and what is read of it from outside."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
LIMIT_S: Final = 60.0
POLL_S: Final = 0.02
ENDED: Final = frozenset({"done", "failed", "unknown", "cancelled"})
MODELS: Final = {
    "sketch": "sketch:storyboard",
    "replicate": "replicate:black-forest-labs/flux-schnell",
    "openai": "openai:gpt-image-2.5-flare",
}
QUICK: Final = "[concurrency]\npixel_workers = 1\n"


class Nest:
    """The program that gives birth to victims; see ``victim.py``."""

    def __init__(self) -> None:
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.durability.victim"],
            cwd=ROOT,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def _answer(self) -> dict[str, Any]:
        if self._program.stdout is None:
            raise RuntimeError("the nest has no voice")
        answer: dict[str, Any] = json.loads(self._program.stdout.readline())
        return answer

    def ask(self, **order: Any) -> dict[str, Any]:
        """Give an order and return the answer."""
        if self._program.stdin is None:
            raise RuntimeError("the nest has no ear")
        self._program.stdin.write(json.dumps(order) + "\n")
        self._program.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """End the nest; its victims are ended by their own tests."""
        if self._program.stdin:
            self._program.stdin.close()
        self._program.wait(10)
        if self._program.stdout:
            self._program.stdout.close()


@dataclass(slots=True)
class Process:
    """One start of the service."""

    nest: Nest
    pid: int
    log: Path

    def ended(self, limit_s: float = LIMIT_S) -> int:
        """Wait until it has ended; return its exit code, negative for the signal."""
        code = self.nest.ask(wait=self.pid, limit_s=limit_s)["ended"]
        if code is None:
            raise AssertionError(f"still alive after {limit_s} s: {self.log.read_text()[-4000:]}")
        return int(code)

    def kill(self) -> None:
        """End it and its pixel workers by force."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.ended()

    def stop(self) -> None:
        """Ask it to stop."""
        os.kill(self.pid, signal.SIGTERM)


@dataclass(slots=True)
class House:
    """One data folder with its surface, across several starts."""

    folder: Path
    nest: Nest
    environ: Mapping[str, str] = field(default_factory=dict)
    born: list[Process] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(
        self, lines: Sequence[Mapping[str, Any]] = (), *, point: str = "", provider: str = ""
    ) -> Process:
        """Start the service, say *lines*, and let it die at *point*."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "config.toml"
        config.write_text(QUICK)
        paths = {"AI_HANDLER_DATA_DIR": str(self.data), "AI_HANDLER_CONFIG": str(config)}
        log = self.folder / f"log-{len(self.born)}.txt"
        order = {
            "environ": {**self.environ, **paths},
            "lines": [dict(line) for line in lines],
            "point": point,
            "provider": provider,
            "wall": str(self.folder / "wall.jsonl"),
            "log": str(log),
        }
        process = Process(self.nest, self.nest.ask(start=order)["pid"], log)
        self.born.append(process)
        return process

    def close(self) -> None:
        """End every process of this house, and its pixel workers."""
        for process in self.born:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)

    # --- what is read of it ---

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Ask the database, read-only, as any SQLite tool could."""
        path = self.data / "handler.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, values)]

    def told(self) -> list[dict[str, Any]]:
        """What the surface was told, in order."""
        path = self.folder / "wall.jsonl"
        text = path.read_text() if path.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    def settled(self) -> bool:
        """Whether a run has ended, its card was told so and its job is closed."""
        try:
            runs = self.rows("SELECT state FROM runs")
            due = self.rows("SELECT key FROM outbox WHERE wanted > sent")
            open_jobs = self.rows(
                "SELECT workflow_uuid FROM workflow_status WHERE status != 'SUCCESS'"
            )
        except sqlite3.Error:
            return False
        return bool(runs) and all(run["state"] in ENDED for run in runs) and not due + open_jobs

    def until(self, what: Callable[[], bool], process: Process) -> None:
        """Wait until *what* is so."""
        limit = time.monotonic() + LIMIT_S
        while not what():
            if time.monotonic() > limit:
                log = process.log.read_text()[-4000:]
                raise AssertionError(f"not within {LIMIT_S} s; told: {self.told()[-2:]}; {log}")
            time.sleep(POLL_S)
