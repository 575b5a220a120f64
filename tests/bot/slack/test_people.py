"""Who may decide is asked of Slack anew; where Slack does not say, nobody may."""

from typing import Any

import pytest

from domain.errors import PictureError, SurfaceDownError
from domain.event import Attachment, Person
from domain.surface import Standing
from tests.bot.slack.conftest import Studio
from tests.vendors.slack.people import Person as Human
from tests.vendors.slack.world import TEAM

NOBODY = Standing(full=False)


async def standing(slack: Studio, who: Human, *groups: str) -> Standing:
    person = Person(surface="slack", workspace=TEAM, id=who.id, name=who.name)
    return await slack.slack.directory.standing(person, frozenset(groups))


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ({}, Standing(full=True)),
        ({"admin": True}, Standing(full=True, admin=True)),
        ({"owner": True}, Standing(full=True, admin=True)),
        ({"guest": "multi"}, NOBODY),
        ({"guest": "single", "admin": True}, NOBODY),
        ({"bot": True}, NOBODY),
        ({"deleted": True, "owner": True}, NOBODY),
        ({"team": "T0OTHER"}, NOBODY),
        ({"id": "USLACKBOT"}, NOBODY),
    ],
)
async def test_standing_is_what_the_account_says(
    slack: Studio, account: dict[str, Any], expected: Standing
) -> None:
    assert await standing(slack, slack.emu.person("Who", **account)) == expected


async def test_standing_is_asked_anew_each_time(slack: Studio) -> None:
    assert (await standing(slack, slack.ana)).full
    slack.ana.user.guest = "multi"
    assert not (await standing(slack, slack.ana)).full


async def test_only_the_groups_that_matter_are_asked_for_and_kept_a_while(slack: Studio) -> None:
    leads, others = slack.emu.group("leads", slack.ana), slack.emu.group("others", slack.ana)
    for _ in range(2):
        found = await standing(slack, slack.ana, f"group:{leads}", "role:7")
        assert found.groups == {f"group:{leads}"}
    assert not (await standing(slack, slack.ben, f"group:{leads}")).groups
    assert len(slack.emu.called("usergroups.users.list")) == 1
    assert others not in str(slack.emu.calls)


@pytest.mark.parametrize("method", ["users.info", "usergroups.users.list"])
async def test_where_slack_does_not_say_nothing_is_allowed(slack: Studio, method: str) -> None:
    leads = slack.emu.group("leads", slack.ana)
    slack.emu.fails(method, mode="status", status=500)
    with pytest.raises(SurfaceDownError):
        await standing(slack, slack.ana, f"group:{leads}")
    slack.emu.scopes -= {"users:read", "usergroups:read"}
    with pytest.raises(SurfaceDownError, match="missing_scope"):
        await standing(slack, slack.ana, f"group:{leads}")


async def test_a_group_that_is_gone_is_no_right(slack: Studio) -> None:
    assert await standing(slack, slack.ana, "group:S0GONE") == Standing(full=True)


# --- files ---


def attachment(url: str) -> Attachment:
    return Attachment(name="picture1", url=url, size_bytes=1)


async def fetched(slack: Studio, url: str, max_bytes: int = 10**6) -> bytes:
    return await slack.slack.fetcher.fetch(attachment(url), max_bytes=max_bytes)


@pytest.mark.parametrize(
    "url",
    [
        "https://files.slack.com.evil.example/a.png",
        "https://evil.example/files.slack.com/a.png",
        "http://files.slack.com/a.png",
        "https://files.slack.com@evil.example/a.png",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/a.png",
        "file:///etc/passwd",
        "",
    ],
)
async def test_the_token_goes_nowhere_but_to_slack(slack: Studio, url: str) -> None:
    with pytest.raises(PictureError, match="does not lie at Slack"):
        await fetched(slack, url)


async def test_a_file_is_fetched_up_to_its_limit(slack: Studio) -> None:
    said = await slack.ana.say(slack.art, "x", files=[("a.png", b"\x89PNG" + bytes(996))])
    url = slack.emu.told(said)["files"][0]["url_private"]
    assert len(await fetched(slack, url, 1000)) == 1000
    with pytest.raises(PictureError, match="larger than 999 bytes"):
        await fetched(slack, url, 999)


async def test_a_page_instead_of_a_file_names_the_scope(slack: Studio) -> None:
    said = await slack.ana.say(slack.art, "x", files=[("a.png", b"\x89PNG")])
    url = slack.emu.told(said)["files"][0]["url_private"]
    slack.emu.scopes.discard("files:read")
    with pytest.raises(PictureError) as caught:
        await fetched(slack, url)
    assert "files:read" in caught.value.hint


@pytest.mark.parametrize("mode", ["status", "close"])
async def test_a_file_that_is_not_to_be_had_is_said_so(slack: Studio, mode: str) -> None:
    said = await slack.ana.say(slack.art, "x", files=[("a.png", b"\x89PNG")])
    url = slack.emu.told(said)["files"][0]["url_private"]
    slack.emu.fails("download", mode=mode, status=404, times=3)
    with pytest.raises(PictureError, match="could not be fetched"):
        await fetched(slack, url)
