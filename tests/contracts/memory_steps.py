"""Steps in memory: through JSON like the real ones, and told to die after any step."""

from collections.abc import Callable, Coroutine, MutableMapping
from typing import Any

from domain.ports import Kind


class DiedError(BaseException):
    """The process is gone; no handler of the road can catch that."""


class MemorySteps:
    """What a step returned once it returns again; the records outlive the process.

    Args:
        records: JSON by step name, kept by the caller from one life to the next.
        die_after: The step after which the process dies.
        recorded: Whether that step's record was still written.
    """

    def __init__(
        self, records: MutableMapping[str, str], *, die_after: str = "", recorded: bool = True
    ) -> None:
        self.records = records
        self._die_after = die_after
        self._recorded = recorded

    async def once(
        self, name: str, call: Callable[[], Coroutine[Any, Any, Kind]], kind: type[Kind]
    ) -> Kind:
        """Run *call* unless this step has ended before; return its record either way."""
        if name not in self.records:
            made = (await call()).model_dump_json()
            dies = name == self._die_after
            if self._recorded or not dies:
                self.records[name] = made
            if dies:
                raise DiedError
        return kind.model_validate_json(self.records[name])
