"""``python -m tests.vendors.slack --port 0``: Slack as a program.

Prints its addresses as one line of JSON, then stays until ended; ``admin.py`` tells how another
process acts as the people of the workspace.
"""

import argparse
import asyncio
import contextlib
import json
import signal
import sys

from tests.vendors.slack import slack_emulator


async def serve(port: int) -> None:
    """Serve until the process is told to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    async with slack_emulator(port=port, checked=False) as emu:
        told = {"url": emu.url, "environment": emu.environment()}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args().port))
