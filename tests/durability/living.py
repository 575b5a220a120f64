"""One life of the service: the real one, with a surface that writes down what it is told."""

import asyncio
import logging
import os
import signal
from pathlib import Path
from typing import Any

from bot.opening import delivering, open_app
from config.settings import read
from storage.lock import DataLock
from tests.durability.points import Wall, arm, said


async def live(order: dict[str, Any]) -> None:
    """Start the service, say its lines, and serve until SIGTERM, or until the point is reached."""
    logging.basicConfig(level=logging.INFO)
    settings = read(os.environ)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    arm(order["point"], order["provider"])
    lock = DataLock(settings.data_dir).take("")
    wall = Wall(Path(order["wall"]))
    async with open_app(settings) as app, delivering(app, {wall.name: wall}):
        for line in order["lines"]:
            await app.handler.say(said(**line))
        await stop.wait()
    lock.release()
