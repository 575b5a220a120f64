"""A vendor that fails again and again is left alone, and found again when it is back."""

import pytest

from domain.errors import UnavailableError
from pipeline.circuit import FAILURES, REST_S, Circuit
from tests.pipeline.given import CARDS, FLARE, FLUX, Ticking

MODEL = CARDS[FLUX]


class Still(Ticking):
    """A clock that stands until it is told to go on."""

    def monotonic_s(self) -> float:
        return self.moment.timestamp()


@pytest.fixture
def clock() -> Still:
    return Still()


@pytest.fixture
def circuit(clock: Still) -> Circuit:
    return Circuit(clock)


def fail(circuit: Circuit, times: int) -> None:
    for _ in range(times):
        circuit.check(MODEL)
        circuit.failed(MODEL)


def test_a_few_failures_stop_nobody(circuit: Circuit) -> None:
    fail(circuit, FAILURES - 1)
    circuit.check(MODEL)
    circuit.worked(MODEL)
    fail(circuit, FAILURES - 1)
    circuit.check(MODEL)


def test_after_many_in_a_row_nothing_is_sent_and_it_says_so(circuit: Circuit) -> None:
    fail(circuit, FAILURES)
    with pytest.raises(UnavailableError, match="10 times in a row") as caught:
        circuit.check(MODEL)
    assert not caught.value.maybe_billed
    assert "30 s" in caught.value.hint
    circuit.check(CARDS[FLARE])


async def test_after_a_rest_one_call_finds_out_for_all(circuit: Circuit, clock: Still) -> None:
    fail(circuit, FAILURES)
    await clock.sleep(REST_S)
    circuit.check(MODEL)
    with pytest.raises(UnavailableError):
        circuit.check(MODEL)
    circuit.worked(MODEL)
    circuit.check(MODEL)


async def test_a_vendor_that_is_still_down_is_left_alone_again(
    circuit: Circuit, clock: Still
) -> None:
    fail(circuit, FAILURES)
    await clock.sleep(REST_S)
    fail(circuit, 1)
    with pytest.raises(UnavailableError):
        circuit.check(MODEL)
