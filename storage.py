"""What must outlive the process: SQLAlchemy, SQLite by default, PostgreSQL by URL."""

from pathlib import Path

from sqlalchemy import Float, String, create_engine, delete, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    """Root of the tables."""


class ProviderBlock(Base):
    """A music provider that must be left alone for a while."""

    __tablename__ = "provider_blocks"

    provider: Mapped[str] = mapped_column(String(40), primary_key=True)
    until: Mapped[float] = mapped_column(Float)
    reason: Mapped[str] = mapped_column(String(400))


class Store:
    """The database. Safe to share between threads.

    Args:
        url: SQLAlchemy address; the folder of an SQLite file is made if need be.
    """

    def __init__(self, url: str) -> None:
        address = make_url(url)
        if address.get_backend_name() == "sqlite" and address.database:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        self._engine = create_engine(address)
        Base.metadata.create_all(self._engine)

    def blocked_until(self, provider: str) -> float:
        """Unix time until which a provider must be left alone, s; 0.0 when it may be asked."""
        with Session(self._engine) as session:
            until = session.scalar(select(ProviderBlock.until).where(ProviderBlock.provider == provider))
        return until or 0.0

    def block(self, provider: str, until: float, reason: str) -> None:
        """Remember that a provider must be left alone until a unix time, s."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(ProviderBlock).where(ProviderBlock.provider == provider))
            session.add(ProviderBlock(provider=provider, until=until, reason=reason[:400]))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()
