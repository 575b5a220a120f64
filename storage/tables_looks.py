"""What pictures look like, in few bits: the table of perceptual hashes."""

from sqlalchemy import BigInteger, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Base


class LookRow(Base):
    """The perceptual hash of one artwork."""

    __tablename__ = "looks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["run_id", "number"], ["artworks.run_id", "artworks.number"], name="fk_looks_artwork"
        ),
    )
    run_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    phash: Mapped[int] = mapped_column(BigInteger)
    """64 bits, as SQLite keeps them: the highest is the sign."""
