"""Known answers, asked again: weights, words, pictures and engines that yield other figures.

Three kinds. What ships has its own golden numbers beside it. What is imported is held against
figures that others published (CLIP.png in open_clip's repository, COCO 000000039769 in
transformers' tests, LAION's own sample vectors), where those files are at hand. With torch,
open_clip's own network of seed 0 is built and asked, so that a wrong GELU or another
preparation of pictures shows at once.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from domain.errors import HandlerError
from scoring.aesthetic import Head, heads_of
from scoring.clip.bpe import MERGES
from scoring.clip.embedder import Embedder
from scoring.clip.engines import Engine, embedder_of
from scoring.clip.openclip import OpenClipEmbedder
from scoring.clip.ort import IMAGE, TEXT, OrtEmbedder
from scoring.clip.pixels import MEAN, STD, normalised, squared
from scoring.clip.reading import preparation_of, tokens_of
from scoring.clip.torchdoor import open_clip
from scoring.clip.weights import TENSORS, Weights, opened, shipped

GOLDEN: Final = "golden.json"
SHOWN: Final = 8
TOLERANCE: Final = 1e-3
"""Between machines: ONNX Runtime chooses its kernels by the processor."""
KNOWN_WORDS: Final = {
    "a diagram": (49406, 320, 22697, 49407),
    "a photo of a cat's 12 paws!": (
        49406, 320, 1125, 539, 320, 2368, 568, 272, 273, 16714, 256, 49407,
    ),
}  # fmt: skip
"""As open_clip 3.3.0 numbers them."""
CLIP_PNG: Final = (0.99279, 0.00421, 0.00300)
SEED_ZERO: Final = (-0.059554, -0.018520, -0.043937)
CAPTIONS: Final = ("a diagram", "a dog", "a cat")
COCO: Final = (24.5701, 19.3049)
RATINGS: Final[dict[tuple[str, int], tuple[str, tuple[float, ...]]]] = {
    ("aesthetic_v1", 512): (
        "vit_b_32_embeddings",
        (-1.470, 0.273, 1.990, 3.611, 5.087, 6.393, 7.668, 8.915, 9.917, 11.006),
    ),
    ("aesthetic_v1", 768): (
        "vit_l_14_embeddings",
        (-2.458, -0.138, 1.895, 3.585, 5.100, 6.470, 7.787, 9.048, 10.226, 11.304),
    ),
    ("aesthetic_v2", 768): (
        "vit_l_14_embeddings",
        (1.6555, 2.3593, 3.0698, 3.6725, 4.2380, 4.7010, 5.0731, 5.3654, 5.5767, 5.7468),
    ),
}
"""What the heads say of LAION's own vectors, rating0.npy to rating9.npy of its repository."""

State = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Check:
    """One question and how it was answered."""

    name: str
    state: State
    said: str

    def record(self) -> dict[str, str]:
        """Return it for ``--json``."""
        return asdict(self)


class Skipped(Exception):  # noqa: N818  not an error: something that is needed is not here
    """A check that cannot be made here, and what it wants."""


def checks(folder: Path, engine: Engine, pictures: Path | None = None) -> Iterator[Check]:
    """Ask everything that can be asked on this machine; nothing is raised for what fails.

    Args:
        folder: The weights in use.
        engine: What runs them.
        pictures: A folder with CLIP.png, 000000039769.jpg and LAION's folders of vectors.
    """
    own = shipped()
    yield asked("the weights that ship are whole", lambda: opened(own).backbone_id)
    yield asked("their golden numbers", lambda: golden(opened(own)))
    yield asked("pictures are made ready as the network wants them", prepared)
    yield asked("words of the weights that ship", lambda: worded(opened(own)))
    yield asked("open_clip's network of seed 0 (torch)", seed_zero)
    yield asked("both engines yield the same (torch)", lambda: parity(opened(folder)))
    if folder != own:
        yield asked("the weights in use are whole", lambda: opened(folder).backbone_id)
        yield asked("their words", lambda: worded(opened(folder)))
        yield asked("CLIP.png", lambda: diagram(opened(folder), engine, pictures))
        yield asked("two cats of COCO", lambda: cats(opened(folder), engine, pictures))
        yield asked("aesthetic heads", lambda: ratings(opened(folder), pictures))


def asked(name: str, question: Callable[[], str]) -> Check:
    """Ask one question."""
    try:
        return Check(name, "passed", question())
    except Skipped as reason:
        return Check(name, "skipped", str(reason))
    except HandlerError as error:
        return Check(name, "failed", error.message)
    except Exception as error:  # noqa: BLE001  whatever it is, it is the answer
        return Check(name, "failed", f"{type(error).__name__}: {error}")


def ramp(side: int) -> npt.NDArray[np.uint8]:
    """Return a picture that is the same everywhere: red grows to the right, green downwards."""
    line = np.linspace(0, 255, side).astype(np.uint8)
    blue = np.full((side, side), 128, np.uint8)
    return np.stack([np.tile(line, (side, 1)), np.tile(line[:, None], (1, side)), blue], axis=-1)


def figures(embedder: Embedder, texts: Sequence[str]) -> dict[str, Any]:
    """Return what is kept beside weights, to be asked again."""
    image = embedder.images(ramp(embedder.side_px)[None])[0]
    cosines = embedder.texts(texts) @ image
    return {
        "backbone_id": embedder.backbone_id,
        "image": [round(float(value), 6) for value in image[:SHOWN]],
        "cosines": {
            text: round(float(one), 6) for text, one in zip(texts, cosines, strict=True)
        },
    }  # fmt: skip


def golden(weights: Weights) -> str:
    """Hold weights against the numbers that were stored with them."""
    path = weights.folder / GOLDEN
    if not path.exists():
        raise Skipped("no golden numbers were stored with them")
    wanted = json.loads(path.read_bytes())
    found = figures(embedder_of(weights), list(wanted["cosines"]))
    if found["backbone_id"] != wanted["backbone_id"]:
        raise AssertionError(f"they are of {wanted['backbone_id']}, not {found['backbone_id']}")
    pairs = [*zip(found["image"], wanted["image"], strict=True)]
    pairs += [(found["cosines"][text], wanted["cosines"][text]) for text in wanted["cosines"]]
    return _near([one for one, _ in pairs], [other for _, other in pairs], TOLERANCE)


def prepared() -> str:
    """Check what is known of the preparation without any weights."""
    square = squared(Image.fromarray(ramp(64)), 64)
    if not np.array_equal(square, ramp(64)):
        raise AssertionError("a picture of the right size was changed")
    white = normalised(np.full((1, 2, 2, 3), 255, np.uint8))[0, :, 0, 0]
    wanted = [(1 - mean) / std for mean, std in zip(MEAN, STD, strict=True)]
    clear = squared(Image.new("RGBA", (9, 5), (0, 0, 0, 0)), 8)
    if clear.min() != 255:  # noqa: PLR2004  white
        raise AssertionError("what is transparent is not laid on white")
    wide = squared(Image.fromarray(np.tile(ramp(64), (1, 2, 1))), 64, "shortest")
    if wide.shape != (64, 64, 3):
        raise AssertionError("a wide picture is not cut to a square")
    return _near(white.tolist(), wanted, 1e-5)


def worded(weights: Weights) -> str:
    """Check that words become the numbers that the network was taught."""
    tokens = tokens_of(weights)
    row = tokens.encode(["a red fox"])[0]
    if tokens.size - 1 not in row:
        raise AssertionError("a text has no end mark")
    if MERGES in weights.manifest.files:
        for text, wanted in KNOWN_WORDS.items():
            found = tuple(int(one) for one in tokens.encode([text])[0][: len(wanted)])
            if found != wanted:
                raise AssertionError(f"{text!r} is {found}, not {wanted}")
    return f"{tokens.size} numbers"


def seed_zero() -> str:
    """Build open_clip's ViT-B-32-quickgelu with the figures of seed 0, and ask it."""
    clip, torch = _torch()
    torch.manual_seed(0)
    model = clip.create_model("ViT-B-32-quickgelu", pretrained=None).eval()
    words = clip.get_tokenizer("ViT-B-32-quickgelu")
    with torch.inference_mode():
        seen = model.encode_image(torch.from_numpy(normalised(ramp(224)[None]))).float()
        told = model.encode_text(words(list(CAPTIONS))).float()
    seen, told = (rows / rows.norm(dim=-1, keepdim=True) for rows in (seen, told))
    return _near((told @ seen[0]).tolist(), SEED_ZERO, 1e-4)


def parity(weights: Weights) -> str:
    """Hold ONNX Runtime against torch on the same weights."""
    if not {IMAGE, TEXT, TENSORS} <= weights.manifest.files.keys():
        raise Skipped(f"{weights.manifest.name} are not here in both forms")
    _torch()
    texts = ["a red fox", "a lighthouse, in the snow"]
    squares = np.stack([ramp(weights.manifest.side_px), ramp(weights.manifest.side_px)[::-1]])
    one, other = OrtEmbedder(weights), OpenClipEmbedder(weights)
    ours, wanted = (each.images(squares) @ each.texts(texts).T for each in (one, other))
    return _near(ours.ravel().tolist(), wanted.ravel().tolist(), 0.01)


def diagram(weights: Weights, engine: Engine, pictures: Path | None) -> str:
    """Ask OpenAI's ViT-B/32 what CLIP.png is; its own README says what the answer is."""
    cosines = _cosines(weights, engine, pictures, "CLIP.png", CAPTIONS)
    odds = np.exp(100 * (cosines - cosines.max()))
    return _near((odds / odds.sum()).tolist(), CLIP_PNG, 2e-3)


def cats(weights: Weights, engine: Engine, pictures: Path | None) -> str:
    """Ask OpenAI's ViT-B/32 about the cats of COCO, as the tests of transformers do."""
    texts = ("a photo of a cat", "a photo of a dog")
    cosines = _cosines(weights, engine, pictures, "000000039769.jpg", texts)
    return _near((100 * cosines).tolist(), COCO, 0.1)


def ratings(weights: Weights, pictures: Path | None) -> str:
    """Ask the heads of these weights about LAION's own vectors."""
    heads, lacking = heads_of(weights)
    if not heads:
        raise Skipped("; ".join(lacking))
    return "; ".join(f"{head.origin.name} {_rated(head, pictures)}" for head in heads)


def _rated(head: Head, pictures: Path | None) -> str:
    folder, wanted = RATINGS[head.origin.name, head.dim]
    if pictures is None or not (pictures / folder).is_dir():
        raise Skipped(f"name a folder with --pictures that holds LAION's {folder}")
    found = []
    for at in range(len(wanted)):
        row = np.load(pictures / folder / f"rating{at}.npy", allow_pickle=False).ravel()
        found.append(head.score((row / np.linalg.norm(row)).astype(np.float32)))
    return _near(found, wanted, 5e-3)


def _cosines(
    weights: Weights, engine: Engine, pictures: Path | None, name: str, texts: Sequence[str]
) -> npt.NDArray[np.float32]:
    said = f"{weights.manifest.name} {weights.manifest.source}".lower()
    if weights.manifest.dim != 512 or "openai" not in said:  # noqa: PLR2004  ViT-B/32
        raise Skipped("its figures are known of OpenAI's ViT-B/32 alone")
    if pictures is None or not (pictures / name).is_file():
        raise Skipped(f"name a folder with --pictures that holds {name}")
    embedder = embedder_of(weights, engine)
    with Image.open(pictures / name) as image:
        square = squared(image, embedder.side_px, preparation_of(weights).resize_mode)
    found: npt.NDArray[np.float32] = embedder.texts(texts) @ embedder.images(square[None])[0]
    return found


def _torch() -> tuple[Any, Any]:
    try:
        clip = open_clip()
    except ImportError as error:
        raise Skipped("`pip install 'ai-handler[clip]'` adds torch and open_clip") from error
    import torch

    return clip, torch


def _near(found: Sequence[float], wanted: Sequence[float], most: float) -> str:
    off = float(np.abs(np.asarray(found) - np.asarray(wanted)).max())
    if not off <= most:
        shown = ", ".join(f"{value:.4f}" for value in found[:3])
        raise AssertionError(f"off by {off:.5f}, at most {most} is right: {shown}, …")
    return f"off by {off:.1e} at most"
