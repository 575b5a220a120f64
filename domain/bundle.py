"""Library items that hold several things under one name: LoRA, house styles, characters."""

from typing import Annotated, Final, Literal

from pydantic import Field

from domain.asked import BundleName, ControlAsked, ReferenceAsked, RunName
from domain.flags import NO_FLAGS, Flags
from domain.record import Moment, Record, Seed
from domain.shelf import ShelfLine
from domain.spec import Digest, LoRA, LoRAPlace, LoRAWeight

ItemKind = Literal["lora", "house", "character"]
Family = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,19}$")]
"""Of base models: ``sdxl``, ``flux``, ``sd15``, ``sd35``."""
LoRAName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
MAX_PHRASE: Final = 400
MAX_REFERENCES: Final = 8
Phrase = Annotated[str, Field(max_length=MAX_PHRASE)]


class LoRAItem(Record):
    """Adapter weights, with all that one must know to use them."""

    family: Family
    trigger: Phrase = ""
    speaks_in: Literal["subject", "style"] = "subject"
    weight: LoRAWeight | None = None
    """The default; None: the model's."""
    places: dict[str, LoRAPlace] = Field(default_factory=dict)
    licence: Phrase = ""
    sample: Digest | None = None


class Bundle(Record):
    """A house style or a character: what every image of it has in common."""

    phrase: Phrase = ""
    """Words: of a house for the style segment, of a character for the subject."""
    references: tuple[ReferenceAsked, ...] = ()
    loras: tuple[LoRA, ...] = ()
    no: tuple[Phrase, ...] = ()
    """What is kept out."""
    pose: ControlAsked | None = None
    """A control image."""
    seed: Seed | None = None
    """None: as the line says."""


class Item(Record):
    """One version of a library item; versions are never overwritten."""

    kind: ItemKind
    name: str
    version: int
    by: str
    at: Moment
    retired_by: str | None = None
    """Who took the item out of use; what was made with it keeps it."""
    lora: LoRAItem | None = None
    bundle: Bundle | None = None


class Loras(ShelfLine):
    """``loras``, ``loras add mara family=sdxl trigger="mara woman" replicate=URL``."""

    kind: Literal["loras"] = "loras"
    action: Literal["list", "show", "add", "retire"] = "list"
    name: LoRAName | None = None
    item: LoRAItem | None = None
    """With ``add``; its sample comes as ``--ref``."""
    flags: Flags = NO_FLAGS

    @property
    def asks(self) -> bool:
        """Whether it changes nothing."""
        return self.action in {"list", "show"}


class _Bundles(ShelfLine):
    action: Literal["list", "show", "save", "retire"] = "list"
    name: BundleName | None = None
    phrase: Phrase = ""
    flags: Flags = NO_FLAGS
    run: RunName | None = None

    @property
    def asks(self) -> bool:
        """Whether it changes nothing."""
        return self.action in {"list", "show"}


class Houses(_Bundles):
    """``houses``, ``houses save noir``, ``houses save noir ink and fog --ref a.png:style``."""

    kind: Literal["houses"] = "houses"


class Characters(_Bundles):
    """``characters save mara a woman with red hair --lora mara@0.8``."""

    kind: Literal["characters"] = "characters"


BundleLine = Houses | Characters
