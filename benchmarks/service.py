"""The service as a whole: start to ready, accept to finished grid, idle CPU, memory.

Starts the real ``run`` on a free port with a data folder of its own, and asks over HTTP.
"""

import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RUNS = 12
LINE = "a red fox :: in the snow at dusk :: wide shot :: {style} :: text"
STYLES = {"flat illustration": 1.5, "ink and wash": 3.0}
"""Style → target for the 95th percentile, in seconds."""
IDLE_S = 8.0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, _service(Path(folder)) as (process, url, ready_s):
        print(f"start to ready       {ready_s:.2f} s (target 3)")
        _print_memory(process, "memory after start  ")
        _make(url, LINE.format(style="flat illustration"))  # the pool's processes start here
        _print_memory(process, "memory with its pool")
        for style, target_s in STYLES.items():
            _print_runs(url, style, target_s)
        _print_idle(process)


def _print_runs(url: str, style: str, target_s: float) -> None:
    spent = sorted(_make(url, LINE.format(style=style)) for _ in range(RUNS))
    p95 = spent[min(len(spent) - 1, round(0.95 * len(spent)))]
    verdict = "ok" if p95 <= target_s else "over"
    print(
        f"accept → grid, 4 × 1024², {style:<18} p50 {statistics.median(spent):.2f} s, "
        f"p95 {p95:.2f} s (target {target_s}: {verdict})"
    )


def _print_idle(process: subprocess.Popen[str]) -> None:
    before, began = _cpu_s(process.pid), time.monotonic()
    time.sleep(IDLE_S)
    used = (_cpu_s(process.pid) - before) / (time.monotonic() - began)
    print(f"idle CPU             {used * 100:.1f} % of a core (target 5)")


def _print_memory(process: subprocess.Popen[str], name: str) -> None:
    sizes = [_rss_mb(pid) for pid in _family(process.pid)]
    print(f"{name} {sum(sizes):.0f} MB over {len(sizes)} processes")


def _make(url: str, line: str) -> float:
    began = time.monotonic()
    run = _post(f"{url}/api/imagine", {"text": line, "as": "bench"})
    while True:
        report = _get(f"{url}/api/runs/{run['id']}?wait=ended&wait_s=30")
        if report["state"] not in {"queued", "running"}:
            assert report["state"] == "done", report["error"]
            return time.monotonic() - began


@contextlib.contextmanager
def _service(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str, float]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AI_HANDLER")}
    own = {"AI_HANDLER_DATA_DIR": str(folder), "AI_HANDLER_CONSOLE_PORT": str(port)}
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"], env=kept | own, stdout=subprocess.PIPE, text=True
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _await_ready(url)
        yield process, url, time.monotonic() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _await_ready(url: str) -> None:
    for _ in range(1000):
        with contextlib.suppress(OSError):
            _get(f"{url}/healthz")
            return
        time.sleep(0.02)
    raise RuntimeError("the service did not become ready")


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


def _post(url: str, body: dict[str, str]) -> Any:
    data = json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
        return json.load(answer)


def _family(pid: int) -> list[int]:
    found = [pid]
    for other in Path("/proc").iterdir():
        if other.name.isdecimal() and _parent(other) == pid:
            found += _family(int(other.name))
    return found


def _parent(process: Path) -> int:
    with contextlib.suppress(OSError, IndexError):
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    return 0


def _rss_mb(pid: int) -> float:
    """Proportional set size: memory that processes share counts once over all of them."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return 0.0


def _cpu_s(pid: int) -> float:
    ticks = 0
    for one in _family(pid):
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += int(stat[11]) + int(stat[12])
    return ticks / os.sysconf("SC_CLK_TCK")
