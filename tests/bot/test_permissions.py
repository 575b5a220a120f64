"""Who may decide and cancel, from what is set and stored."""

import pytest

from bot.permissions import check_cancel, check_decide
from domain.command import Person
from domain.errors import ForbiddenError
from domain.policy import ApprovalPolicy
from tests.pipeline.given import ANA, BEN, planned

MARA = Person(surface="slack", workspace="T1", id="U1", name="Mara")
LEE = Person(surface="slack", workspace="T1", id="U2", name="Lee")
NAMED = ApprovalPolicy(approvers=("slack:T1:U1",))


@pytest.mark.parametrize("person", [ANA, MARA, LEE])
def test_everyone_decides_where_nobody_is_named(person: Person) -> None:
    check_decide(person, ApprovalPolicy())


def test_only_the_named_decide() -> None:
    check_decide(MARA, NAMED)
    with pytest.raises(ForbiddenError, match="Lee is not an approver"):
        check_decide(LEE, NAMED)


def test_a_typed_name_decides_only_where_it_may() -> None:
    with pytest.raises(ForbiddenError, match="only typed"):
        check_decide(ANA, NAMED)
    check_decide(ANA, NAMED.model_copy(update={"console_may_approve": True}))


def test_a_typed_name_that_is_an_approvers_is_still_only_typed() -> None:
    with pytest.raises(ForbiddenError, match="only typed"):
        check_decide(Person(surface="console", workspace="local", id="U1", name="Mara"), NAMED)


def test_only_ones_own_run_is_cancelled() -> None:
    run = planned("imagine a fox", person=ANA)
    check_cancel(ANA, run)
    with pytest.raises(ForbiddenError, match="asked for by Ana"):
        check_cancel(BEN, run)
