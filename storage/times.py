"""Times as they stand in the tables: UTC text that sorts as the times do."""

from datetime import UTC, datetime


def text_of(moment: datetime) -> str:
    """Write an aware time as UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
