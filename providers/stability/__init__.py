"""The one door to Stability AI: one call, one picture; what it blurs is refused."""
