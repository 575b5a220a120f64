"""The nest, both loopback vendors, and a data folder for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.durability.house import House, Nest
from tests.vendors.openai import OpenAIVendor
from tests.vendors.replicate import ReplicateVendor, running_thread


@pytest.fixture(scope="session")
def nest() -> Iterator[Nest]:
    made = Nest()
    yield made
    made.close()


@pytest.fixture(scope="session")
def vendors() -> Iterator[tuple[ReplicateVendor, OpenAIVendor]]:
    """Both vendors on 127.0.0.1, alive while the service dies."""
    with running_thread(ReplicateVendor()) as replicate, running_thread(OpenAIVendor()) as openai:
        yield replicate, openai


@pytest.fixture
def replicate_vendor(vendors: tuple[ReplicateVendor, OpenAIVendor]) -> ReplicateVendor:
    vendors[0].admin.reset()
    return vendors[0]


@pytest.fixture
def openai_vendor(vendors: tuple[ReplicateVendor, OpenAIVendor]) -> OpenAIVendor:
    vendors[1].admin.reset()
    return vendors[1]


@pytest.fixture
def new_house(
    tmp_path: Path, nest: Nest, replicate_vendor: ReplicateVendor, openai_vendor: OpenAIVendor
) -> Iterator[Callable[[], House]]:
    houses: list[House] = []

    def make() -> House:
        keys = replicate_vendor.environment() | openai_vendor.environment()
        house = House(tmp_path / f"house-{len(houses)}", nest, keys)
        houses.append(house)
        return house

    yield make
    for house in houses:
        house.close()


@pytest.fixture
def house(new_house: Callable[[], House]) -> House:
    return new_house()
