"""What the SDKs take by themselves: a bolt app and a discord.py bot that only acknowledge."""

import asyncio
import os
import sys
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def slack() -> None:
    client = AsyncWebClient(
        token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]
    )
    app = AsyncApp(client=client)

    @app.command("/imagine")
    async def imagine(ack: Any) -> None:
        await ack()

    handler = AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
    await handler.connect_async()  # type: ignore[no-untyped-call]
    print("bare is ready", flush=True)
    await asyncio.Event().wait()


async def on_discord() -> None:
    Route.BASE = os.environ["DISCORD_API_URL"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
    client = discord.AutoShardedClient(intents=discord.Intents(guilds=True))
    tree = app_commands.CommandTree(client)

    @tree.command(name="imagine", description="only answers")
    async def imagine(interaction: discord.Interaction[Any], prompt: str) -> None:
        assert prompt
        await interaction.response.defer(ephemeral=True, thinking=True)

    @client.event
    async def setup_hook() -> None:
        await tree.sync()

    @client.event
    async def on_ready() -> None:
        print("bare is ready", flush=True)

    await client.start(os.environ["DISCORD_TOKEN"])


if __name__ == "__main__":
    asyncio.run(slack() if sys.argv[1] == "slack" else on_discord())
