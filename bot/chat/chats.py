"""The chat platforms that are on, as they come and go: who people are there, and their files."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from domain.surface import (
    Directory,
    Fetcher,
    Surface,
)

Events = Callable[[Request], Awaitable[Response]]
"""Takes what a platform sends over HTTP, and checks its signature."""


class Service(Protocol):
    """One connected platform."""

    @property
    def surface(self) -> Surface:
        """Where cards are posted."""

    @property
    def directory(self) -> Directory:
        """Who people are."""

    @property
    def fetcher(self) -> Fetcher:
        """Their files."""

    @property
    def problem(self) -> str:
        """What keeps it from working, and what to do; empty if nothing does."""

    @property
    def events(self) -> Events | None:
        """Takes what comes over HTTP, where the platform sends it so."""


@dataclass(slots=True)
class Chats:
    """By the platform's name; filled while the service is connected."""

    services: dict[str, Service] = field(default_factory=dict)
    surfaces: dict[str, Surface] = field(default_factory=dict)
    directories: dict[str, Directory] = field(default_factory=dict)
    fetchers: dict[str, Fetcher] = field(default_factory=dict)

    def add(self, name: str, service: Service) -> None:
        """Know a platform that is connected."""
        self.services[name] = service
        self.surfaces[name] = service.surface
        self.directories[name] = service.directory
        self.fetchers[name] = service.fetcher

    def remove(self, name: str) -> None:
        """Forget a platform: nobody is known there any more."""
        for known in (self.services, self.surfaces, self.directories, self.fetchers):
            known.pop(name, None)

    def problems(self) -> dict[str, str]:
        """Return what keeps platforms from working."""
        return {name: one.problem for name, one in self.services.items() if one.problem}
