"""The storyboard artist as a provider: no model, no key, no cost; drawn in the pixel pool."""

from typing import Any, Literal

from domain.ports import (
    Delivered,
    ImageRequest,
    Pixels,
)
from domain.spec import SEGMENTS
from providers.sketch.draw import draw
from providers.sketch.order import SketchOrder


class SketchProvider:
    """Draws what a brief names, from the same seed the same pixels."""

    name = "sketch"
    answers: Literal["blocking"] = "blocking"

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels

    def payload(self, request: ImageRequest) -> dict[str, Any]:
        """Return the order as the artist gets it; the init image by its digest."""
        asked = request.parameters
        segments = {name: request.segments[name].text for name in SEGMENTS}
        return segments | {
            "weights": [request.segments[name].weight for name in SEGMENTS],
            "seed": asked.seed,
            "width_px": asked.width,
            "height_px": asked.height,
            "init_image": asked.init_image,
            "denoising_strength": asked.denoising_strength,
        }

    async def make(self, request: ImageRequest) -> Delivered:
        """Draw one picture; never fails for what a brief says."""
        order = {**self.payload(request), "init_image": request.init_image}
        order["weights"] = tuple(order["weights"])
        sketch = await self._pixels.run(draw, SketchOrder(**order))
        missing = ", ".join(sketch.not_drawn)
        notes = (f"could not draw: {missing}",) if missing else ()
        return Delivered(data=sketch.png, cost_usd=0.0, seed=request.parameters.seed, notes=notes)

    async def close(self) -> None:
        """Nothing to give back: the pool is the application's."""
