"""Who may decide, cancel and name approvers, from what is set, stored, and said by the platform."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from bot.permissions import Permissions
from domain.errors import ForbiddenError, SurfaceDownError
from domain.event import Person
from domain.policy import ApprovalPolicy
from domain.surface import (
    Directory,
    Standing,
)
from storage.approvers import Approvers
from storage.database import Database
from storage.migrate import migrate
from tests.pipeline.given import ANA, planned

MARA = Person(surface="slack", workspace="T1", id="U1", name="Mara")
LEE = Person(surface="slack", workspace="T1", id="U2", name="Lee")
GUEST = Person(surface="slack", workspace="T1", id="U3", name="Gus")
OTHER = Person(surface="slack", workspace="T2", id="U1", name="Mara elsewhere")
NAMED = ApprovalPolicy(approvers=("slack:T1:U1",))
TEAM = ApprovalPolicy(approvers=("slack:T1:group:S9",))
RUN = planned("imagine a fox", person=LEE)
NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Workspace:
    """What a platform would say, as a table."""

    def __init__(self) -> None:
        self.known = {
            "U1": Standing(full=True, admin=True),
            "U2": Standing(full=True, groups=frozenset({"group:S9"})),
            "U3": Standing(full=False),
        }
        self.away = False

    async def standing(self, person: Person, groups: frozenset[str]) -> Standing:
        if self.away:
            raise SurfaceDownError("Slack is away")
        known = self.known.get(person.id, Standing(full=False))
        return known.model_copy(update={"groups": known.groups & groups})


class Noon:
    def now(self) -> datetime:
        return NOW

    def monotonic_s(self) -> float:
        return 0.0

    async def sleep(self, delay_s: float) -> None:
        """Time stands still."""


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Approvers]:
    await asyncio.to_thread(migrate, tmp_path / "handler.db")
    database = Database(tmp_path / "handler.db")
    yield Approvers(database, Noon())
    await database.close()


def asked(policy: ApprovalPolicy, store: Approvers, workspace: Directory) -> Permissions:
    return Permissions(policy, store, {"slack": workspace})


async def test_every_full_member_decides_where_nobody_is_named(
    store: Approvers, workspace: Workspace
) -> None:
    permissions = asked(ApprovalPolicy(), store, workspace)
    for person in (MARA, LEE, ANA):
        await permissions.check_decide(person, RUN)
    with pytest.raises(ForbiddenError, match="Gus is not a full member"):
        await permissions.check_decide(GUEST, RUN)


async def test_only_the_named_decide(store: Approvers, workspace: Workspace) -> None:
    permissions = asked(NAMED, store, workspace)
    await permissions.check_decide(MARA, RUN)
    for person in (LEE, OTHER):
        with pytest.raises(ForbiddenError, match="is not an approver"):
            await permissions.check_decide(person, RUN)


async def test_a_group_decides_for_its_members_and_those_named_in_chat_decide_too(
    store: Approvers, workspace: Workspace
) -> None:
    permissions = asked(TEAM, store, workspace)
    await permissions.check_decide(LEE, RUN)
    with pytest.raises(ForbiddenError, match="Mara is not an approver"):
        await permissions.check_decide(MARA, RUN)
    await store.add("slack:T1:U1", "@Mara", "Lee")
    await permissions.check_decide(MARA, RUN)
    assert [one.label for one in await permissions.named()] == ["slack:T1:group:S9", "@Mara"]
    assert await store.remove("slack:T1:U1")
    with pytest.raises(ForbiddenError):
        await permissions.check_decide(MARA, RUN)


async def test_nobody_decides_where_the_platform_does_not_say_who_they_are(
    store: Approvers, workspace: Workspace
) -> None:
    workspace.away = True
    with pytest.raises(ForbiddenError, match="does not say who you are"):
        await asked(ApprovalPolicy(), store, workspace).check_decide(MARA, RUN)
    with pytest.raises(ForbiddenError, match="not a full member"):
        await Permissions(ApprovalPolicy(), store, {}).check_decide(MARA, RUN)


async def test_a_typed_name_decides_only_where_it_may(
    store: Approvers, workspace: Workspace
) -> None:
    with pytest.raises(ForbiddenError, match="only typed"):
        await asked(NAMED, store, workspace).check_decide(ANA, RUN)
    may = NAMED.model_copy(update={"console_may_approve": True})
    await asked(may, store, workspace).check_decide(ANA, RUN)


async def test_a_typed_name_that_is_an_approver_s_is_still_only_typed(
    store: Approvers, workspace: Workspace
) -> None:
    typed = Person(surface="console", workspace="local", id="U1", name="Mara")
    with pytest.raises(ForbiddenError, match="only typed"):
        await asked(NAMED, store, workspace).check_decide(typed, RUN)


async def test_own_work_is_decided_by_others_where_that_is_set(
    store: Approvers, workspace: Workspace
) -> None:
    permissions = asked(ApprovalPolicy(own_work=False), store, workspace)
    with pytest.raises(ForbiddenError, match="your own"):
        await permissions.check_decide(LEE, RUN)
    await permissions.check_decide(MARA, RUN)


async def test_ones_own_run_is_cancelled_and_an_admin_s_word_stands_over_all(
    store: Approvers, workspace: Workspace
) -> None:
    permissions = asked(ApprovalPolicy(), store, workspace)
    await permissions.check_own(LEE, RUN, what="cancel")
    await permissions.check_own(MARA, RUN, what="cancel")
    with pytest.raises(ForbiddenError, match="asked for by Lee"):
        await permissions.check_own(GUEST, RUN, what="cancel")
    with pytest.raises(ForbiddenError, match="asked for by Lee"):
        await permissions.check_own(ANA, RUN, what="cancel")


async def test_admins_are_the_platform_s_until_the_settings_name_some(
    store: Approvers, workspace: Workspace
) -> None:
    permissions = asked(ApprovalPolicy(), store, workspace)
    await permissions.check_admin(MARA)
    for person in (LEE, ANA):
        with pytest.raises(ForbiddenError):
            await permissions.check_admin(person)
    permissions = asked(ApprovalPolicy(admins=("slack:T1:U2",)), store, workspace)
    await permissions.check_admin(LEE)
    with pytest.raises(ForbiddenError, match="Mara may not change that"):
        await permissions.check_admin(MARA)
