"""Who people are: asked anew each time, closed where Discord does not say."""

from datetime import UTC, datetime, timedelta

import pytest
import simcord

from bot.discord.service import DiscordService
from domain.errors import SurfaceDownError
from domain.event import Person
from tests.vendors.simcord_house import House


def person(home: House, who: int, workspace: str = "") -> Person:
    where = workspace or str(home.guild.id)
    return Person(surface="discord", workspace=where, id=str(who), name="")


async def test_a_member_is_full_and_no_admin(service: DiscordService, home: House) -> None:
    found = await service.directory.standing(person(home, home.ana.id), frozenset())
    assert (found.full, found.admin) == (True, False)


async def test_who_may_manage_the_server_is_an_admin(service: DiscordService, home: House) -> None:
    olga = home.people["Olga"]
    assert (await service.directory.standing(person(home, olga.id), frozenset())).admin


async def test_roles_are_fresh(env: simcord.Env, service: DiscordService, home: House) -> None:
    ben = person(home, home.ben.id)
    role = f"role:{home.leads.id}"
    assert not (await service.directory.standing(ben, frozenset({role}))).groups
    env.backend.get_guild(home.guild.id).members[home.ben.id].role_ids.append(home.leads.id)
    assert (await service.directory.standing(ben, frozenset({role}))).groups == {role}


async def test_who_has_not_accepted_the_rules_and_bots_are_not_full(
    service: DiscordService, home: House
) -> None:
    for who in (home.people["Gus"].id, home.robo.id):
        assert not (await service.directory.standing(person(home, who), frozenset())).full


async def test_who_is_held_back_is_not_full(
    env: simcord.Env, service: DiscordService, home: House
) -> None:
    member = env.backend.get_guild(home.guild.id).members[home.ben.id]
    until = datetime.now(UTC) + timedelta(days=3650)
    member.timed_out_until = until.isoformat()
    assert not (await service.directory.standing(person(home, home.ben.id), frozenset())).full


@pytest.mark.parametrize("workspace", ["dm", "12345"])
async def test_people_of_elsewhere_are_nobody(
    service: DiscordService, home: House, workspace: str
) -> None:
    found = await service.directory.standing(person(home, home.ana.id, workspace), frozenset())
    assert not found.full


async def test_who_has_left_is_nobody(service: DiscordService, home: House) -> None:
    home.guild.remove_member(home.ben)
    assert not (await service.directory.standing(person(home, home.ben.id), frozenset())).full


async def test_a_silent_discord_allows_nothing(
    env: simcord.Env, service: DiscordService, home: House
) -> None:
    env.inject_error("GET", "/guilds/*/members/*", status=500)
    with pytest.raises(SurfaceDownError):
        await service.directory.standing(person(home, home.ana.id), frozenset())
