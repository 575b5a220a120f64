"""The only place where foreign bytes become pixels: guarded first, decoded once."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from domain.errors import PictureError

MAX_FOREIGN_BYTES: Final = 10 * 1024 * 1024
"""What a person may hand us in one picture."""
MAX_VENDOR_BYTES: Final = 64 * 1024 * 1024
"""What a vendor may hand us in one picture."""
MAX_SIDE_PX: Final = 8192
MAX_PIXELS: Final = 40_000_000
MEDIA_TYPES: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
SUFFIXES: Final = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}


def digest_of(data: bytes) -> str:
    """Return the SHA-256 of *data* as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture that knows the digest of the bytes it came from."""

    image: Image.Image
    """Loaded pixels in the file's own mode."""
    media_type: str
    digest: str
    size_bytes: int

    @property
    def width_px(self) -> int:
        """Width in pixels."""
        return self.image.width

    @property
    def height_px(self) -> int:
        """Height in pixels."""
        return self.image.height

    @classmethod
    def open(cls, data: bytes, *, max_bytes: int = MAX_FOREIGN_BYTES) -> "Picture":
        """Guard size, format, dimensions and frames, then decode once.

        Raises:
            PictureError: The bytes are too many, no PNG, JPEG or WebP, too large, animated,
                truncated or damaged.
        """
        if len(data) > max_bytes:
            raise PictureError(
                f"{len(data)} bytes, at most {max_bytes} are taken",
                hint=f"Send a picture of at most {max_bytes // 2**20} MB.",
            )
        image = _decoded(data)
        kind = MEDIA_TYPES[image.format or ""]
        return cls(image=image, media_type=kind, digest=digest_of(data), size_bytes=len(data))

    def as_png(self) -> bytes:
        """Encode the pixels alone, upright, as PNG: no metadata, no profile, no trailing bytes."""
        out = io.BytesIO()
        image = _eight_bit(_upright(self.image))
        alpha = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
        clean = image.convert("RGBA" if alpha else "RGB")
        clean.info.clear()
        clean.save(out, "PNG", compress_level=3)
        return out.getvalue()


def _decoded(data: bytes) -> Image.Image:
    hint = "Send a PNG, JPEG or WebP picture."
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # damaged metadata; the pixels are what counts
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            image = Image.open(io.BytesIO(data), formats=tuple(MEDIA_TYPES))
            _guard(image)
            image.load()
        except PictureError:
            raise
        except UnidentifiedImageError as error:
            raise PictureError("not a PNG, JPEG or WebP picture", hint=hint) from error
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise PictureError("a decompression bomb", hint=hint) from error
        except Exception as error:  # a damaged file makes Pillow raise anything
            raise PictureError(f"damaged picture: {error}", hint=hint) from error
    return image


def _guard(image: Image.Image) -> None:
    width, height = image.size
    if max(width, height) > MAX_SIDE_PX or width * height > MAX_PIXELS:
        raise PictureError(
            f"{width}×{height} pixels",
            hint=f"At most {MAX_SIDE_PX} pixels a side and {MAX_PIXELS // 10**6} megapixels.",
        )
    if getattr(image, "n_frames", 1) > 1:
        raise PictureError("an animated picture", hint="Send a picture with one frame.")


def _upright(image: Image.Image) -> Image.Image:
    """Turn a photo as its EXIF says, since the metadata that says it is dropped."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001  damaged EXIF makes Pillow raise anything; the pixels are good
        return image


def _eight_bit(image: Image.Image) -> Image.Image:
    # Pillow 12 clips 16 bits at 255 instead of scaling them.
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value * (1 / 256)).convert("L")
    return image


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What is known of a picture without its pixels."""

    media_type: str
    width_px: int
    height_px: int


def inspect(data: bytes, max_bytes: int = MAX_VENDOR_BYTES) -> PictureFacts:
    """Decode *data* whole and return its facts; for the pixel pool.

    Raises:
        PictureError: It is no picture, or damaged.
    """
    picture = Picture.open(data, max_bytes=max_bytes)
    return PictureFacts(picture.media_type, picture.width_px, picture.height_px)


def cleaned(data: bytes) -> bytes:
    """Return a person's picture as PNG with nothing but its pixels; for the pixel pool.

    Raises:
        PictureError: It is no picture, hostile or damaged.
    """
    return Picture.open(data).as_png()
