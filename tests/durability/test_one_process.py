"""One process per data folder, through the real command line; SIGTERM parks, a start goes on."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.durability.house import MODELS, QUICK, ROOT, House
from tests.vendors.openai import OpenAIVendor
from tests.vendors.replicate import ReplicateVendor

START_S: Final = 30.0
STOP_S: Final = 15.0
"""Ten seconds of grace, and the way out on a busy machine."""
POLL_S: Final = 0.03


class Service:
    """``python -m bot run`` on a data folder."""

    def __init__(self, house: House) -> None:
        house.folder.mkdir(parents=True, exist_ok=True)
        (house.folder / "config.toml").write_text(QUICK)
        self._house = house
        self.environ = {
            **os.environ,
            **house.environ,
            "AI_HANDLER_DATA_DIR": str(house.data),
            "AI_HANDLER_CONFIG": str(house.folder / "config.toml"),
            "AI_HANDLER_CONSOLE_PORT": "0",
        }
        self.log = house.folder / "service.txt"
        with self.log.open("a") as log:
            self.program = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                cwd=ROOT,
                env=self.environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(lambda: bool(self.holder().get("url")), START_S, self.log)

    def holder(self) -> dict[str, Any]:
        """Return what the lock file says."""
        try:
            held: dict[str, Any] = json.loads((self._house.data / "lock").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return held

    def imagine(self, line: str) -> str:
        """Ask for images over the HTTP interface; return the run once it is stored."""
        held = self.holder()
        request = urllib.request.Request(  # noqa: S310 -- http on 127.0.0.1
            f"{held['url'].rstrip('/')}/api/imagine",
            json.dumps({"text": line, "as": "ann"}).encode(),
            {"content-type": "application/json", "authorization": f"Bearer {held['token']}"},
        )
        with urllib.request.urlopen(request, timeout=START_S) as answer:  # noqa: S310 -- the same
            assert answer.status == 202
            return str(json.loads(answer.read())["id"])

    def stop(self) -> float:
        """Send SIGTERM; return how long the process took to end."""
        began = time.monotonic()
        self.program.send_signal(signal.SIGTERM)
        assert self.program.wait(STOP_S) == 0, self.log.read_text()[-3000:]
        return time.monotonic() - began

    def close(self) -> None:
        """End it by force, and its pixel workers."""
        if self.program.poll() is None:
            os.killpg(self.program.pid, signal.SIGKILL)
            self.program.wait(STOP_S)


def until(what: Callable[[], bool], limit_s: float, log: Path) -> None:
    limit = time.monotonic() + limit_s
    while not what():
        if time.monotonic() > limit:
            raise AssertionError(log.read_text()[-3000:])
        time.sleep(POLL_S)


@pytest.fixture
def start(house: House) -> Iterator[Callable[[], Service]]:
    services: list[Service] = []

    def started() -> Service:
        services.append(Service(house))
        return services[-1]

    yield started
    for service in services:
        service.close()


def command(service: Service, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 -- our own command line
        [sys.executable, "-m", "bot", *words],
        cwd=ROOT,
        env=service.environ,
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
    )


def test_a_second_process_on_the_same_folder_is_refused_and_told_who_has_it(
    start: Callable[[], Service],
) -> None:
    service = start()
    for words in (["run"], ["migrate", "--json"]):
        refused = command(service, *words)
        said = refused.stdout + refused.stderr
        assert refused.returncode == 5, said
        assert f"process {service.program.pid}" in said
        assert service.holder()["url"] in said
    assert service.program.poll() is None
    service.stop()
    assert command(service, "migrate", "--json").returncode == 0


def test_a_backup_is_made_beside_a_service_and_put_back_only_without_it(
    start: Callable[[], Service], house: House
) -> None:
    service = start()
    service.imagine("a red fox --count 1 --model sketch:storyboard")
    until(house.settled, START_S, service.log)
    folder = str(house.folder / "backup")
    made = command(service, "backup", folder, "--json")
    assert made.returncode == 0, made.stdout + made.stderr
    assert json.loads(made.stdout)["runs"] == 1
    token = service.holder()["token"]
    for path in Path(folder).rglob("*"):
        assert path.is_dir() or token.encode() not in path.read_bytes()
    refused = command(service, "restore", folder, "--json")
    assert refused.returncode == 5
    assert f"process {service.program.pid}" in refused.stdout
    service.stop()
    done = command(service, "restore", folder, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    again = start()
    assert house.rows("SELECT state FROM runs") == [{"state": "done"}]
    again.stop()


def test_sigterm_waits_for_what_is_nearly_done(
    start: Callable[[], Service], house: House, openai_vendor: OpenAIVendor
) -> None:
    openai_vendor.admin.set(working_s=1.0)
    service = start()
    service.imagine(f"a red fox --count 1 --model {MODELS['openai']}")
    until(lambda: openai_vendor.admin.state()["creates"] == 1, START_S, service.log)
    assert service.stop() < STOP_S
    (run,) = house.rows("SELECT state FROM runs")
    assert run == {"state": "done"}


def test_sigterm_parks_what_takes_longer_and_a_start_ends_it(
    start: Callable[[], Service],
    house: House,
    replicate_vendor: ReplicateVendor,
    openai_vendor: OpenAIVendor,
) -> None:
    replicate_vendor.admin.hold("finish")
    openai_vendor.admin.hold("create")
    service = start()
    polled = service.imagine(f"a red fox --count 2 --seed 7 --model {MODELS['replicate']}")
    blocking = service.imagine(f"a red fox --count 1 --model {MODELS['openai']}")
    until(lambda: replicate_vendor.admin.state()["polls"] >= 2, START_S, service.log)
    until(lambda: openai_vendor.admin.state()["creates"] == 1, START_S, service.log)
    took_s = service.stop()
    assert took_s < STOP_S
    states = {row["id"]: row["state"] for row in house.rows("SELECT id, state FROM runs")}
    assert states == {polled: "running", blocking: "running"}
    attempts = {row["run_id"]: row["state"] for row in house.rows("SELECT * FROM attempts")}
    assert attempts == {polled: "submitted", blocking: "intent"}
    assert house.rows("SELECT * FROM workflow_status WHERE status NOT IN ('PENDING')") == []
    replicate_vendor.admin.release()
    openai_vendor.admin.release()
    again = start()
    until(house.settled, START_S, again.log)
    states = {row["id"]: row["state"] for row in house.rows("SELECT id, state FROM runs")}
    assert states == {polled: "done", blocking: "unknown"}
    assert replicate_vendor.admin.state()["creates"] == 2
    assert openai_vendor.admin.state()["creates"] == 1
    again.stop()
