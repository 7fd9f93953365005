"""Text as Postgres can hold it: no NUL, no half of a surrogate pair. Dumps hold both."""

from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator


class StorableText(TypeDecorator[str]):
    """A column of text into which any text can be written, and by which any text can be searched."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Mend a text on its way to Postgres."""
        return None if value is None else text(value)


class StorableJson(TypeDecorator[Any]):
    """A column of JSON into which any text can be written; None is SQL's null."""

    impl = JSONB
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(none_as_null=True)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 (SQLAlchemy's signature)
        """Mend all texts on their way to Postgres."""
        return values(value)


def text(value: str) -> str:
    """Return the text with what can't be stored replaced by U+FFFD."""
    if value.isascii() and "\0" not in value:
        return value
    return value.replace("\x00", "\ufffd").encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")


def values(value: Any) -> Any:
    """Return a JSON-like value with every text in it storable."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return {text(str(key)): values(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [values(inner) for inner in value]
    return value
