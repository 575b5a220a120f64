"""The road from a command to a finished card: pure stages, and the few that wait on the world."""
