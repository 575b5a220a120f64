"""What holds for every test: no keys of this machine, a watched loop, no silent skips in CI."""

import os
from collections.abc import Generator, Iterator

import pytest
from blockbuster import BlockBuster, blockbuster_ctx

OURS = ["bot", "config", "domain", "pipeline", "providers", "scoring", "storage"]
REQUIRED = frozenset(filter(None, os.environ.get("AI_HANDLER_TEST_REQUIRE", "").split(",")))
KEPT = ("AI_HANDLER_TEST_REQUIRE",)
VENDORS = ("REPLICATE_", "OPENAI_", "STABILITY_", "BFL_", "SLACK_", "DISCORD_", "COMFYUI_")


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        ours = name.startswith("AI_HANDLER_") and name not in KEPT
        if ours or name.startswith(VENDORS):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def watched_loop() -> Iterator[BlockBuster]:
    """Fail whatever of ours blocks the event loop; C code that keeps the GIL is not seen here."""
    with blockbuster_ctx(OURS) as blockbuster:
        for function in blockbuster.functions.values():
            function.can_block_in("dbos/_dbos.py", "_launch")
            function.can_block_in("sqlalchemy/engine/create.py", "create_engine")
        yield blockbuster


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where AI_HANDLER_TEST_REQUIRE names what the test needs."""
    report = yield
    needed = REQUIRED & {mark.name for mark in item.iter_markers()}
    if report.skipped and needed:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, but {', '.join(needed)} is required here"
    return report
