"""systemd, as far as docs/running.md needs it: starts and stops a unit as its file says.

Run as ``systemctl`` or ``journalctl``, below a root folder of the test's own (``PLAYED_ROOT``).
What it does not know it refuses, as the real one does.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

ROOT: Final = Path(os.environ.get("PLAYED_ROOT", "/nowhere"))
POLL_S: Final = 0.05
START_S: Final = 30.0

Unit = dict[str, dict[str, list[str]]]


def read_unit(path: Path) -> Unit:
    """Read a unit file: sections, names, and every value that a name is given."""
    unit: Unit = {}
    section: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = unit.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            name, equals, value = line.partition("=")
            if not equals:
                raise SystemExit(f"{path}: {line!r} is no assignment")
            section.setdefault(name, []).append(value)
    return unit


class Service:
    """One unit, as it is installed."""

    def __init__(self, name: str) -> None:
        self.name = name.removesuffix(".service")
        self.pid = ROOT / f"{self.name}.pid"
        self.log = ROOT / f"{self.name}.log"

    def one(self, name: str) -> str:
        """Return a value of ``[Service]`` that is given once."""
        unit = read_unit(ROOT / f"etc/systemd/system/{self.name}.service")
        (value,) = unit["Service"][name]
        return value

    def environment(self) -> dict[str, str]:
        """Return what the unit gives the program, and nothing of the shell that starts it.

        Stricter than the real one: secrets that others could read are refused.
        """
        unit = read_unit(ROOT / f"etc/systemd/system/{self.name}.service")
        secrets = Path(self.one("EnvironmentFile"))
        if secrets.stat().st_mode & 0o077:
            raise SystemExit(f"{secrets} is readable by others")
        lines = [*unit["Service"]["Environment"], *secrets.read_text().splitlines()]
        given = dict(line.split("=", 1) for line in lines if line)
        return {"PATH": os.environ["PATH"]} | given

    def start(self) -> None:
        """Return once the program runs (``Type=exec``)."""
        if self.pid.exists():
            return
        state = Path(self.one("WorkingDirectory"))
        state.mkdir(parents=True, exist_ok=True)
        state.chmod(int(self.one("StateDirectoryMode"), 8))
        subprocess.Popen(  # noqa: S603  this file again
            [sys.executable, __file__, "supervise", self.name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        _until(self.pid.exists, START_S)

    def supervise(self) -> None:
        """Be the program's parent, and note how it ended."""
        with self.log.open("a") as log:
            program = subprocess.Popen(  # noqa: S603  what the unit says
                self.one("ExecStart").split(),
                cwd=self.one("WorkingDirectory"),
                env=self.environment(),
                umask=int(self.one("UMask"), 8),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            aside = self.pid.with_suffix(".aside")
            aside.write_text(str(program.pid))
            aside.rename(self.pid)
            code = program.wait()
        with (ROOT / "ended").open("a") as ended:
            ended.write(f"{code}\n")
        self.pid.unlink()

    def stop(self) -> None:
        """Ask the main process alone (``KillMode=mixed``), and end by force what is too late."""
        if not self.pid.exists():
            return
        pid = int(self.pid.read_text())
        os.kill(pid, signal.Signals[self.one("KillSignal")])
        try:
            _until(lambda: not self.pid.exists(), float(self.one("TimeoutStopSec").rstrip("s")))
        except TimeoutError:
            os.killpg(pid, signal.SIGKILL)
            raise

    def status(self) -> None:
        """Say whether it runs: exit code 3 if it does not."""
        sys.stdout.write(f"{self.name}.service {'active' if self.pid.exists() else 'inactive'}\n")
        raise SystemExit(0 if self.pid.exists() else 3)


def main(words: list[str]) -> None:
    """Do what a command line says."""
    match [word for word in words if word not in {"--now", "--no-pager"}]:
        case ["daemon-reload"] | ["disable", _]:
            pass
        case ["enable" | "start", name]:
            Service(name).start()
        case ["stop" | "supervise" | "status" as verb, name]:
            getattr(Service(name), verb)()
        case ["--unit", name, "--lines", number]:
            lines = Service(name).log.read_text().splitlines()[-int(number) :]
            sys.stdout.write("".join(f"{line}\n" for line in lines))
        case _:
            raise SystemExit(f"not known here: {' '.join(words)}")


def _until(what: Callable[[], bool], limit_s: float) -> None:
    limit = time.monotonic() + limit_s
    while not what():
        if time.monotonic() > limit:
            raise TimeoutError
        time.sleep(POLL_S)


if __name__ == "__main__":
    main(sys.argv[1:])
