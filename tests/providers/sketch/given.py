"""Briefs and nouns that the sketch tests share."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from providers.sketch.order import SketchOrder

NOUNS = """
teapot kettle mug coffee bottle perfume candle sneaker shoe boot watch ring sunglasses handbag
backpack suitcase umbrella hat shirt jacket dress lipstick soap camera phone laptop headphones
speaker lamp sofa armchair chair table bed mirror vase plant bowl knife book pen bicycle car
motorcycle truck bus train boat airplane rocket guitar
logo icon poster banner sticker badge crown diamond star heart
dashboard website app form button chart menu calendar card
knight wizard witch princess pirate astronaut chef robot dragon unicorn ghost detective superhero
fox cat dog bear wolf horse rabbit owl penguin elephant lion butterfly
castle house lighthouse windmill bridge tree mountain volcano forest beach desert city
""".split()  # noqa: SIM905  a hundred words read better so

BRIEFS = (
    "a red fox :: in the snow at dusk :: wide shot :: {} :: text",
    "a red teapot :: on a slate worktop :: 85mm, f/2 :: {}, editorial, soft daylight :: text",
    "a castle :: in the mountains at dawn :: :: {}",
    "a wizard :: in a misty pine forest at night :: low angle :: {}",
    "a sailboat :: on the sea at sunset :: wide :: {}",
    "a pair of blue sneakers :: in a studio :: close-up :: {}, bold",
    "a perfume bottle :: on marble :: 85mm :: {}, luxury",
    "a knight and a dragon :: by a castle at golden hour :: :: {}, epic",
    "three apples and a lemon :: on a wooden table :: top view :: {}",
    "a dashboard with a chart :: :: :: {}, clean",
    "a mobile app login screen :: :: :: {}",
    "a landing page with a hero button :: :: :: {}",
    "a logo for a coffee shop :: :: :: {}, minimal",
    "a fox logo :: :: :: {}",
    "a robot :: in a city street at night in the rain :: :: {}, neon",
    "an astronaut :: on mars :: wide :: {}",
    "a lighthouse :: on a cliff in a storm :: :: {}, dramatic",
    "a bear and two rabbits :: in a meadow :: :: {}",
    "a yellow armchair and a lamp :: in a living room :: :: {}, cosy",
    "a watch :: on a desk :: macro, bokeh :: {}",
    "a camel :: desert at noon :: wide :: {}",
    "palm trees :: beach, sunny day :: :: {}",
    "a whale :: underwater :: :: {}",
    "a bicycle :: city street :: :: {}, vintage",
    "a hot air balloon :: over hills at dawn :: :: {}",
    "a cat :: on a sofa in a room :: :: {}",
    "a house :: in a snowy forest at night :: :: {}",
    "a burger :: restaurant :: close-up :: {}",
    "a princess :: in a castle garden :: medium shot :: {}",
    "gravitas and zeitgeist :: :: :: {}",
)


def order(
    line: str,
    style: str = "",
    *,
    seed: int = 7,
    size: int = 256,
    init_image: bytes | None = None,
    denoising_strength: float | None = None,
) -> SketchOrder:
    """Return an order from a line of segments; ``{}`` stands for the style."""
    parts = [part.strip() for part in line.replace("{}", style).split("::")]
    subject, environment, technical, named, negative = [*parts, "", "", "", ""][:5]
    return SketchOrder(
        subject=subject,
        environment=environment,
        technical=technical,
        style=named,
        negative=negative,
        seed=seed,
        width_px=size,
        height_px=size,
        init_image=init_image,
        denoising_strength=denoising_strength,
    )


def pixels(png: bytes) -> npt.NDArray[np.float32]:
    """Return the pixels of a picture, (h, w, 3) float32."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=np.float32)


def distance(one: bytes, other: bytes) -> float:
    """Return the mean difference of two pictures, in levels."""
    return float(np.abs(pixels(one) - pixels(other)).mean())
