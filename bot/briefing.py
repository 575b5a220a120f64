"""Who writes prompts from a brief: the language model of the settings, else the rules."""

from typing import Final

from config.settings import brief_instructions
from domain.draft import RULES, Drafted, Writing
from domain.ports import Writer
from pipeline.splitter import Splitter
from providers.catalogue import Access, open_writer

BY_RULES: Final = {
    "model": RULES,
    "title": "Rules",
    "version": "rules-1",
    "alternatives": 1,
    "usd_per_million_in": 0.0,
    "usd_per_million_out": 0.0,
}


def writing_of(writing: Writing, access: Access) -> Writing:
    """Return who writes here: what the settings name, if its key is there."""
    if writing.by_rules or not (access.api_key or "").strip():
        return writing.model_copy(update=BY_RULES)
    told = writing.instructions.strip() or brief_instructions()
    return writing.model_copy(update={"instructions": told})


class LateWriter:
    """The writer of the settings, opened beside the event loop, since it imports much."""

    def __init__(self, writing: Writing, access: Access) -> None:
        self.writing = writing_of(writing, access)
        self._access = access
        self._writer: Writer | None = None

    def payload(self, brief: str) -> dict[str, object]:
        """Return what would be sent."""
        return self.open().payload(brief)

    async def write(self, brief: str) -> Drafted:
        """Write prompts.

        Raises:
            ProviderError: Any failure, mapped.
        """
        return await self.open().write(brief)

    async def close(self) -> None:
        """Give back connections, if it was ever opened."""
        if self._writer is not None:
            await self._writer.close()

    def open(self) -> Writer:
        """Open it, once; holds its thread for up to a second."""
        if self._writer is None:
            self._writer = open_writer(self.writing, self._access) or Splitter(self.writing)
        return self._writer
