"""docs/running.md is run, block by block in one shell, below a root of its own; so is the unit."""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from bot.console import server
from bot.opening import GRACE_S
from config.settings import load
from storage.manifest import read_manifest
from storage.migrate import head, migrate
from tests.docs.systemd import read_unit

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "running.md"
UNIT: Final = ROOT / "deploy" / "systemd" / "ai-handler.service"
BLOCK: Final = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACES: Final = ("/opt/ai-handler", "/etc/ai-handler", "/etc/systemd", "/var/lib/ai-handler",
                 "/srv/ai-handler-backup")  # fmt: skip
SUDO: Final = """#!/bin/sh
test "$1" = -u && shift 2
exec env "$@"
"""


def blocks(kind: str) -> list[str]:
    return [text for name, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")) if name == kind]


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


class Machine:
    """A machine of its own: the page's places below a folder, and systemd as it is needed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.data = root / "var/lib/ai-handler"
        self.backup = root / "srv/ai-handler-backup"
        self._install()

    def _install(self) -> None:
        """Do what the page's first block does, with the source as it stands here."""
        run = f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m bot "$@"\n'
        program(self.root / "opt/ai-handler/venv/bin/ai-handler", run)
        played = f'#!/bin/sh\nexec {sys.executable} {ROOT / "tests/docs/systemd.py"} "$@"\n'
        for name in ("systemctl", "journalctl"):
            program(self.root / "bin" / name, played)
        program(self.root / "bin/sudo", SUDO)
        unit = self.root / "opt/ai-handler/source/deploy/systemd" / UNIT.name
        unit.parent.mkdir(parents=True)
        unit.write_text(self.here(UNIT.read_text(encoding="utf-8")), encoding="utf-8")
        (self.root / "etc/systemd/system").mkdir(parents=True)
        self.backup.mkdir(mode=0o700, parents=True)

    def here(self, text: str) -> str:
        """Return a text with the page's places and port as they are on this machine."""
        for place in PLACES:
            text = text.replace(place, f"{self.root}{place}")
        said = text.replace("127.0.0.1:8787", f"127.0.0.1:{self.port}")
        port = f"Environment=AI_HANDLER_CONSOLE_PORT={self.port}\n"
        return said.replace("Environment=AI_HANDLER_LOG", f"{port}Environment=AI_HANDLER_LOG")

    def shell(self, script: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.root / 'bin'}:{os.environ['PATH']}"
        environ = {"PATH": path, "PLAYED_ROOT": str(self.root), "HOME": str(self.root)}
        return subprocess.run(  # noqa: S603  the page's own words
            ["bash", "-euo", "pipefail", "-c", self.here(script)],  # noqa: S607  wherever it is
            cwd=self.root,
            env=environ,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.data / "handler.db")) as log:
            return log.execute(query).fetchall()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    for tool in ("bash", "curl"):
        if not shutil.which(tool):
            pytest.skip(f"the page's steps need {tool}: apt-get install {tool}")
    made = Machine(tmp_path)
    yield made
    made.shell("systemctl stop ai-handler")


def test_every_step_of_the_page_is_done_and_leaves_what_it_promises(machine: Machine) -> None:
    machine.data.mkdir(parents=True)
    migrate(machine.data / "handler.db", "0001")  # so that an upgrade has something to migrate
    steps = blocks("sh run")
    assert len(steps) == 10
    script = "\n".join(f"echo '--- {number}'\n{step}" for number, step in enumerate(steps, 1))
    done = machine.shell(script)
    log = machine.root / "ai-handler.log"
    told = f"{done.stdout}\n{done.stderr}\n{log.read_text() if log.exists() else ''}"
    assert done.returncode == 0, told
    assert done.stdout.count('"ok":true') == 4, told
    assert "ai-handler.service active" in done.stdout
    assert "AI Handler is ready: http://127.0.0.1:" in done.stdout
    assert f"The database was migrated from 0001 to {head()}." in done.stdout
    assert (machine.root / "ended").read_text().split() == ["0", "0", "0"]
    assert machine.rows("SELECT state FROM runs") == [("done",)]
    assert read_manifest(machine.backup).runs == 1
    names = {path.name for path in machine.data.iterdir()}
    assert f"handler.before-{head()}.from-0001.db" in names
    assert len([name for name in names if name.startswith("before-restore-")]) == 2
    assert machine.data.stat().st_mode & 0o777 == 0o700
    assert (machine.root / "etc/ai-handler/secrets.env").stat().st_mode & 0o777 == 0o600


def test_secrets_that_others_can_read_are_not_what_the_page_makes(machine: Machine) -> None:
    made = machine.shell(blocks("sh run")[0])
    assert made.returncode == 0, made.stderr
    folder = machine.root / "etc/ai-handler"
    assert {path.name for path in folder.iterdir()} == {"secrets.env", "settings.toml"}
    assert load((folder / "settings.toml").read_text(encoding="utf-8"), {}) == load("", {})


def test_what_is_not_run_is_at_least_a_shell_s_language() -> None:
    assert {name for name, _ in BLOCK.findall(PAGE.read_text(encoding="utf-8"))} == {
        "sh run", "sh", "ini", ""}  # fmt: skip
    for block in blocks("sh"):
        subprocess.run(["bash", "-n", "-c", block], check=True, timeout=30)  # noqa: S603, S607


def test_every_link_of_the_page_leads_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", PAGE.read_text(encoding="utf-8")):
        assert link.startswith("https://") or (PAGE.parent / link).exists(), link


# --- the unit ---


def test_the_unit_gives_the_service_the_time_and_the_signal_that_it_needs() -> None:
    service = read_unit(UNIT)["Service"]
    assert service["KillSignal"] == ["SIGTERM"]
    assert service["KillMode"] == ["mixed"]  # the pixel workers are still needed
    (limit,) = service["TimeoutStopSec"]
    assert float(limit.removesuffix("s")) >= GRACE_S + server.GRACE_S + 5
    assert service["Restart"] == ["on-failure"]
    assert service["RestartPreventExitStatus"] == ["2"]


def test_the_unit_keeps_secrets_out_of_itself_and_the_service_to_its_own_folder() -> None:
    service = read_unit(UNIT)["Service"]
    assert service["EnvironmentFile"] == ["/etc/ai-handler/secrets.env"]
    assert not [line for line in service["Environment"] if re.search("KEY|TOKEN|SECRET", line)]
    assert service["StateDirectory"] == ["ai-handler"]
    assert service["StateDirectoryMode"] == ["0700"]
    given = dict(line.split("=", 1) for line in service["Environment"])
    assert given["AI_HANDLER_DATA_DIR"] == f"/var/lib/{service['StateDirectory'][0]}"
    for name in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "RestrictSUIDSGID"):
        assert service[name] == ["yes"]
    assert service["ProtectSystem"] == ["strict"]
    assert service["CapabilityBoundingSet"] == [""]


def test_systemd_itself_finds_nothing_wrong_with_the_unit(machine: Machine) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not on this machine: apt-get install systemd")
    unit = machine.root / "opt/ai-handler/source/deploy/systemd" / UNIT.name
    done = subprocess.run(  # noqa: S603  our own words
        ["systemd-analyze", "verify", unit],  # noqa: S607  systemd's own place
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert UNIT.name not in done.stderr
    assert done.returncode == 0, done.stderr
