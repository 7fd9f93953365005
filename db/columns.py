"""How the columns of the tables are declared, each kind in one way."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    LargeBinary,
    func,
    text,
)
from sqlmodel import Field

from db.storable import StorableJson, StorableText

EMPTY_ARRAY = text("'{}'::text[]")


def identifier() -> Any:
    """The id of a row."""
    return Field(default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True))


def reference(target: str, *, is_optional: bool = False, is_indexed: bool = True, on_delete: str = "CASCADE") -> Any:
    """The id of a row of another table."""
    key = ForeignKey(f"{target}.id", ondelete="SET NULL" if is_optional else on_delete)
    return Field(default=None, sa_column=Column(BigInteger, key, nullable=is_optional, index=is_indexed))


def words(*, is_optional: bool = False) -> Any:
    """A text; what Postgres can't hold of it is mended."""
    return Field(default=None, sa_column=Column(StorableText, nullable=is_optional))


def count() -> Any:
    """A number that starts at 0."""
    return Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))


def time(*, is_optional: bool = False, is_now: bool = False) -> Any:
    """A time with its zone."""
    default = func.now() if is_now else None
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=is_optional, server_default=default))


def flag() -> Any:
    """A truth that starts as false."""
    return Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false")))


def names() -> Any:
    """A list of texts, empty by default."""
    return Field(
        default_factory=list, sa_column=Column(ARRAY(StorableText), nullable=False, server_default=EMPTY_ARRAY)
    )


def json(*, is_optional: bool = True) -> Any:
    """A JSON value."""
    return Field(default=None, sa_column=Column(StorableJson, nullable=is_optional))


def json_list() -> Any:
    """A JSON array, empty by default."""
    return Field(
        default_factory=list, sa_column=Column(StorableJson, nullable=False, server_default=text("'[]'::jsonb"))
    )


def binary() -> Any:
    """Bytes."""
    return Field(default=None, sa_column=Column(LargeBinary, nullable=True))


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """Limit a column to a closed set of texts."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_is_known")
