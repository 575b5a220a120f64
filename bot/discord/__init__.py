"""AI Handler on Discord: the one door to discord.py."""
