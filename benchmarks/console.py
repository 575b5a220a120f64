"""The console on a log that grows: first paint, card redraw, gallery, fifty open pages, what loads.

One real run is copied by SQL until the log holds 10, 1,000 and 100,000 runs; then the real service
is asked over HTTP, and looked at by a real browser where there is one. Prints ratios.
"""

import http
import http.client
import shutil
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.service import _family, _get, _make, _post, _rss_mb, _service

SIZES = (10, 1_000, 100_000)
PAGES = {"chat": "/", "gallery": "/gallery", "found": "/gallery?q=fox", "review": "/review"}
WALLS = ("gallery", "found")
"""Ten runs do not fill a page of the gallery: it is compared with a thousand."""
FLAT = 2.0
"""At most so many times as slow with the fullest log as with the emptiest."""
TIMES = 15
OPEN_PAGES = 50
EVENT_P95_S = 0.2
FIRST_VISIT_KB = 200
LINE = "a red fox :: in the snow at dusk :: wide shot :: flat illustration :: text --count 1"
LOADED = """[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .filter((one) => !one.name.includes("/api/artworks/"))
  .map((one) => one.encodedBodySize)"""
Taken = dict[str, float]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        taken = {size: _measured(Path(folder), size) for size in SIZES}
    first, last = SIZES[0], SIZES[-1]
    for name in taken[first]:
        shown = "  ".join(f"{taken[size][name] * 1000:7.1f} ms" for size in SIZES)
        ratio = taken[last][name] / taken[SIZES[1] if name in WALLS else first][name]
        said = "ok" if ratio <= FLAT else "over"
        print(f"{name:<24} {shown}   {ratio:.2f}x (target {FLAT:g}x: {said})")


def _measured(folder: Path, size: int) -> Taken:
    with _service(folder) as (process, url, ready_s):
        if size == SIZES[0]:
            _make(url, LINE)
        made = _get(f"{url}/api/runs?limit=1")[0]["id"]
        print(f"{size:>7} runs: start to ready {ready_s:.2f} s")
    began = time.monotonic()
    _copy(folder / "handler.db", made, size)
    print(f"{size:>7} runs: copied in {time.monotonic() - began:.0f} s")
    with _service(folder) as (process, url, _):
        taken = {name: _page_s(url, path) for name, path in PAGES.items()}
        taken["card redraw"] = _redraw_s(url, made)
        taken |= _painted(url)
        if size == SIZES[-1]:
            _open_pages(url, made, process.pid)
    return taken


def _copy(path: Path, run_id: str, size: int) -> None:
    """Copy one run, its artwork and all that hangs on it, until there are *size* runs."""
    with closing(sqlite3.connect(path)) as connection:
        have = connection.execute("SELECT count(*) FROM runs").fetchone()[0]
        new = {"id": "printf('01A%023d', i)", "root_id": "printf('01A%023d', i)"}
        new |= {"baseline_id": new["id"], "spec_id": new["id"], "run_id": new["id"]}
        tables = {
            "specs": ("id", {}),
            "runs": ("id", {}),
            "artworks": ("run_id", {"verdict": "CASE WHEN i % 5 THEN verdict ELSE 'review' END"}),
            "scores": ("run_id", {}),
            "outbox": ("run_id", {"key": "printf('card:01A%023d', i)"}),
            "run_words": ("run_id", {"words": "words || ' n' || i", "rowid": "i"}),
        }
        for table, (key, more) in tables.items():
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            columns += ["rowid"] if table == "run_words" else []
            own = {**new, **more} if table != "specs" else {"id": new["id"]}
            values = ", ".join(own.get(name, name) for name in columns)
            only = " AND kind = 'card'" if table == "outbox" else ""
            connection.execute(
                f"WITH RECURSIVE n(i) AS (SELECT {have} UNION ALL SELECT i + 1 FROM n "
                f"WHERE i + 1 < {size}) INSERT INTO {table} ({', '.join(columns)}) "
                f"SELECT {values} FROM {table}, n WHERE {key} = '{run_id}'{only}"
            )
        connection.execute("ANALYZE")
        connection.commit()


def _page_s(url: str, path: str) -> float:
    _one_page_s(url, path)
    return statistics.median(_one_page_s(url, path) for _ in range(TIMES))


def _one_page_s(url: str, path: str) -> float:
    connection = _connected(url)
    began = time.perf_counter()
    connection.request("GET", path, headers={"accept": "text/html"})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == http.HTTPStatus.OK, (path, answer.status)
    taken = time.perf_counter() - began
    connection.close()
    return taken


def _connected(url: str, timeout_s: float = 60) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=timeout_s)


def _events(url: str) -> Iterator[tuple[str, float]]:
    """Yield each card that an open page is told of, and when it came."""
    connection = _connected(url)
    connection.request("GET", "/events")
    stream = connection.getresponse()
    kind = ""
    while line := stream.readline():
        if line.startswith(b"event: "):
            kind = line[7:].strip().decode()
        if line.startswith(b"data: ") and kind in {"card", "stale"}:
            yield kind, time.perf_counter()


def _vote(url: str, run_id: str, value: int) -> float:
    began = time.perf_counter()
    body = {"text": f"rate 1 {value % 5 + 1}", "as": "bench"}
    _post(f"{url}/api/runs/{run_id}/say", body)
    return began


def _redraw_s(url: str, run_id: str) -> float:
    """From the press of a button to the redrawn card on an open page."""
    heard = _events(url)
    assert next(heard)[0] == "stale"
    taken = []
    for value in range(TIMES):
        began = _vote(url, run_id, value)
        taken.append(next(heard)[1] - began)
    return statistics.median(taken)


def _open_pages(url: str, run_id: str, pid: int) -> None:
    before = sum(map(_rss_mb, _family(pid)))
    pages = [_events(url) for _ in range(OPEN_PAGES)]
    for page in pages:
        assert next(page)[0] == "stale"
    each_kb = (sum(map(_rss_mb, _family(pid))) - before) / OPEN_PAGES * 1024
    late: list[float] = []
    for value in range(TIMES):
        began = _vote(url, run_id, value)
        threads = [threading.Thread(target=_hear, args=(page, began, late)) for page in pages]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    p95 = sorted(late)[round(0.95 * len(late)) - 1]
    said = "ok" if p95 <= EVENT_P95_S else "over"
    print(
        f"{OPEN_PAGES} open pages: {each_kb:.0f} kB of the service each; "
        f"an event is there after p95 {p95 * 1000:.0f} ms (target {EVENT_P95_S * 1000:.0f}: {said})"
    )


def _hear(page: Iterator[tuple[str, float]], began: float, late: list[float]) -> None:
    late.append(next(page)[1] - began)


def _painted(url: str) -> Taken:
    """First contentful paint in a browser, and what a first visit loads; nothing without one."""
    path = shutil.which("chromium")
    if path is None or find_spec("playwright") is None:
        print("        first paint: left out, no chromium or playwright here")
        return {}
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  the light set has none

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        _print_loaded(browser, url)
        paints = [_paint_s(browser, url) for _ in range(7)]
        browser.close()
    return {"first paint": statistics.median(paints[1:])}


def _paint_s(browser: Any, url: str) -> float:
    page = browser.new_page()
    page.goto(url, wait_until="load")
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    found = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    page.close()
    return float(found) / 1000


def _print_loaded(browser: Any, url: str) -> None:
    page = browser.new_page()
    page.goto(url, wait_until="load")
    sizes = page.evaluate(LOADED)
    page.close()
    total_kb = sum(sizes) / 1000
    said = "ok" if total_kb <= FIRST_VISIT_KB else "over"
    print(
        f"        a visit loads {total_kb:.0f} kB in {len(sizes)} files without pictures "
        f"(target {FIRST_VISIT_KB}: {said})"
    )
