"""The chat platforms that are on, as they come and go: who people are there, and their files."""

from dataclasses import dataclass, field

from domain.ports import Directory, Fetcher, Surface


@dataclass(slots=True)
class Chats:
    """By the platform's name; the service fills it when a platform is connected."""

    directories: dict[str, Directory] = field(default_factory=dict)
    fetchers: dict[str, Fetcher] = field(default_factory=dict)
    surfaces: dict[str, Surface] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    """What keeps a platform from working, in words; empty strings are no problems."""
