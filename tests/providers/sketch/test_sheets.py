"""The contact sheets pass the technical checks, in every style."""

import pytest

from domain.policy import PixelPolicy
from pipeline.triage import triage
from providers.sketch.draw import draw
from scoring.pixels import measure_artwork
from tests.providers.sketch.given import BRIEFS, order

SIZE = 448


@pytest.mark.parametrize("style", ["", "flat", "outline", "night", "duotone", "blueprint"])
def test_the_contact_sheet_passes(style: str) -> None:
    faults = {}
    for number, line in enumerate(BRIEFS):
        png = draw(order(line, style, seed=7 + number, size=SIZE)).png
        judged = triage(
            [measure_artwork(png, 1)],
            policy=PixelPolicy(),
            task="character",
            asked_size=(SIZE, SIZE),
            asked_ratio=None,
        )[0]
        if judged.verdict != "pass":
            faults[line] = judged.reasons
    assert len(faults) <= len(BRIEFS) * 0.05, faults
