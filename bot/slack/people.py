"""Who people are in the workspace: names for cards, and their standing when it matters."""

import asyncio
import logging
from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from typing import Any, Final

from bot.slack.client import Line
from bot.slack.faults import RefusedError
from domain.errors import SurfaceDownError, SurfaceError
from domain.event import Person
from domain.ports import Clock
from domain.surface import Standing

logger = logging.getLogger(__name__)
KEPT_S: Final = 600.0
GROUP_KEPT_S: Final = 300.0
MOST_KEPT: Final = 5000
PER_PAGE: Final = 200
PAGES: Final = 10
"""Of ``users.list``, whose limit is twenty calls a minute."""
SLACKBOT: Final = "USLACKBOT"
NO_GROUP: Final = "no_such_subteam"


@dataclass(frozen=True, slots=True)
class Known:
    """What a card says of someone."""

    name: str
    bot: bool
    at_s: float


class People:
    """Implements the port ``Directory``; names are kept for ten minutes, standing never."""

    def __init__(self, line: Line, clock: Clock) -> None:
        self._line = line
        self._clock = clock
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._groups: dict[str, tuple[float, frozenset[str]]] = {}
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def known(self, user: str) -> Known:
        """Return what someone is called; their id if Slack does not say."""
        async with self._asking[user]:
            found = self._known.get(user)
            if found and self._clock.monotonic_s() - found.at_s < KEPT_S:
                return found
            try:
                told = await self._account(user)
            except SurfaceError as error:
                logger.warning("name of %s not known: %s", user, error.message)
                return found or Known(user, bot=False, at_s=0.0)
            return self._keep(user, told)

    async def learn(self) -> None:
        """Learn the names of a workspace at once: two hundred unknown people would ask one by one.

        Whoever is not among the first thousands is looked up when they say something.
        """
        cursor = ""
        for _ in range(PAGES):
            page = self._line.client.users_list(limit=PER_PAGE, cursor=cursor or None)
            try:
                told = await self._line.ask(page)
            except SurfaceError as error:
                logger.info("names are learned one by one: %s", error.message)
                return
            for account in told.get("members") or ():
                self._keep(str(account.get("id", "")), account)
            cursor = str((told.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    def _keep(self, user: str, told: dict[str, Any]) -> Known:
        made = Known(_name(told) or user, _is_bot(user, told), self._clock.monotonic_s())
        self._known[user] = made
        self._known.move_to_end(user)
        while len(self._known) > MOST_KEPT:
            gone, _ = self._known.popitem(last=False)
            self._asking.pop(gone, None)
        return made

    async def standing(self, person: Person, groups: frozenset[str]) -> Standing:
        """Look a person up; *groups* are those that matter, as in ``Standing.groups``.

        Raises:
            SurfaceDownError: Slack does not say; then nothing is allowed.
        """
        try:
            me = self._line.known()
            told = await self._account(person.id)
            inside = [group for group in groups if person.id in await self._members(group)]
        except SurfaceDownError:
            raise
        except SurfaceError as error:
            raise SurfaceDownError(error.message, hint=error.hint) from error
        full = _is_full(person.id, told, me.team) and person.workspace == me.team
        return Standing(
            full=full,
            admin=full and bool(told.get("is_admin") or told.get("is_owner")),
            groups=frozenset(inside),
        )

    async def _account(self, user: str) -> dict[str, Any]:
        told = await self._line.ask(self._line.client.users_info(user=user))
        account: dict[str, Any] = told.get("user") or {}
        return account

    async def _members(self, group: str) -> frozenset[str]:
        kind, _, name = group.partition(":")
        if kind != "group":
            return frozenset()
        now_s = self._clock.monotonic_s()
        at_s, members = self._groups.get(name, (-GROUP_KEPT_S, frozenset()))
        if now_s - at_s < GROUP_KEPT_S:
            return members
        try:
            told = await self._line.ask(self._line.client.usergroups_users_list(usergroup=name))
        except RefusedError as error:
            if error.word != NO_GROUP:
                raise
            told = {}
        members = frozenset(told.get("users") or ())
        self._groups[name] = (now_s, members)
        return members


def _name(told: dict[str, Any]) -> str:
    profile = told.get("profile") or {}
    named = (profile.get("display_name"), profile.get("real_name"), told.get("real_name"))
    return next((str(name) for name in (*named, told.get("name")) if name), "")


def _is_bot(user: str, told: dict[str, Any]) -> bool:
    return bool(told.get("is_bot")) or user == SLACKBOT


def _is_full(user: str, told: dict[str, Any], team: str) -> bool:
    away = ("deleted", "is_restricted", "is_ultra_restricted", "is_stranger")
    outside = told.get("team_id") != team or any(told.get(one) for one in away)
    return not outside and not _is_bot(user, told)
