"""JSON from strangers, without halves of surrogate pairs: Python takes them, no encoder and no database does."""

import json
from typing import Any


def loads(text: str) -> Any:
    """
    Read JSON; control characters may stand in its texts, and halves of surrogate pairs become question marks.

    Raises:
        ValueError: it is no JSON; a ``json.JSONDecodeError`` where that has a place.
        RecursionError: it is nested too deep.
    """
    value = json.loads(text, strict=False)
    return _whole(value) if "\\ud" in text.lower() else value


def _whole(value: Any) -> Any:
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", errors="replace"))
