"""``ai-handler`` and ``python -m bot``: everything is imported inside, since spawn runs this again.

The pixel workers are spawned processes; each imports this file, and must stay light.
"""


def main() -> None:
    """Run the command line."""
    from bot.cli import application

    application()


if __name__ == "__main__":
    main()
