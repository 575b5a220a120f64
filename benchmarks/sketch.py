"""What one sketch costs, encoding included: CPU seconds of one core at 1024²."""

import statistics
import time

from providers.sketch.draw import draw
from providers.sketch.order import SketchOrder

STYLES = {"flat illustration": 0.30, "ink and wash": 0.90, "outline": 0.30, "duotone": 0.60}
"""Style → target in CPU seconds; the first two are promises, the others a watch."""
BRIEFS = (
    ("a red fox", "in the snow at dusk", "wide shot"),
    ("a red teapot", "on a slate worktop", "85mm, f/2"),
    ("a castle", "in a forest at night", "low angle"),
    ("a bicycle", "in a meadow, morning", ""),
)


def main() -> None:
    for style, target_s in STYLES.items():
        draw(_order(style, 0, BRIEFS[0]))  # masks and drawings are cached by the first one
        spent = [_cpu_s(style, seed) for seed in range(8)]
        median = statistics.median(spent)
        verdict = "ok" if median <= target_s else "over"
        print(
            f"{style:<18} median {median:.3f} s CPU, worst {max(spent):.3f} (target {target_s}: {verdict})"
        )


def _cpu_s(style: str, seed: int) -> float:
    order = _order(style, seed, BRIEFS[seed % len(BRIEFS)])
    began = time.process_time()
    draw(order)
    return time.process_time() - began


def _order(style: str, seed: int, brief: tuple[str, str, str]) -> SketchOrder:
    subject, environment, technical = brief
    return SketchOrder(subject, environment, technical, style, "text", seed, 1024, 1024)
