"""Midjourney, by hand: a prompt to paste, and its bot's messages read; no account is driven."""
