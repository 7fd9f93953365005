"""Text as Postgres can hold it: no NUL, no half of a surrogate pair. Dumps hold both."""

from typing import Any


def text(value: str) -> str:
    """Return the text with what can't be stored replaced by U+FFFD."""
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
