"""
Which frames are ours: the stack lists, and the name under which a frame counts.

What the lists hold and how they are written is told in ``stack_lists/README.md``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import re2

from tasks.core.crash import Frame
from tasks.core.names import normalise

LIST_NAMES = (
    "machinery",
    "ignored",
    "dispatch",
    "entries",
    "prefixes",
    "sentinels",
    "system_modules",
    "system_files",
)
_ANSWERS_LIMIT = 10_000
_ANSWER_NAME_LIMIT = 300
_NAME_LIMIT = 2_000
_TYPE = re2.compile(r"\b[A-Z][a-z]\w+(?:::\w+)*|\b(?:[a-z_]\w*::)+\w+")


class StackList:
    """
    One list of regular expressions; ``name in list`` asks whether one of them matches the whole name.

    Answers are kept for the next crashes, which mostly have the same frames.
    """

    def __init__(self, text: str, *, is_case_sensitive: bool = True) -> None:
        expressions = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
        joined = "|".join(f"(?:{expression})" for expression in expressions)
        self._expression = re2.compile(joined if is_case_sensitive else f"(?i)(?:{joined})") if expressions else None
        self._answers: dict[object, bool] = {}

    def __contains__(self, name: object) -> bool:
        answer = self._answers.get(name)
        if answer is None:
            answer = self._expression is not None and bool(self._expression.fullmatch(str(name)))
            if len(self._answers) >= _ANSWERS_LIMIT:
                self._answers.clear()
            if len(str(name)) <= _ANSWER_NAME_LIMIT:
                self._answers[name] = answer
        return answer


@dataclass(frozen=True, kw_only=True)
class StackLists:
    """The lists of ``stack_lists/``, read by a client and passed in."""

    machinery: StackList
    ignored: StackList
    dispatch: StackList
    entries: StackList
    prefixes: StackList
    sentinels: StackList
    system_modules: StackList
    system_files: StackList

    @classmethod
    def from_texts(cls, texts: Mapping[str, str]) -> "StackLists":
        """Build the lists from the texts of the files, keyed by ``LIST_NAMES``."""
        is_path = {"system_modules", "system_files"}
        return cls(**{name: StackList(texts[name], is_case_sensitive=name not in is_path) for name in LIST_NAMES})


@dataclass(frozen=True, kw_only=True)
class InAppFrame:
    """
    A frame of ours: ``name`` is normalised, ``module+0xoffset`` where no symbol is known, the file where no more is.

    ``is_ours`` is False for the library's frame by which a crash is named where none is ours.
    """

    name: str
    frame: Frame
    is_ours: bool = True


def in_app_name(frame: Frame, lists: StackLists) -> str | None:
    """
    Return the name under which a frame counts as ours, or None where it is the system's.

    A header of the system says whose a bare name is; a qualified name of ours stands there by what was inlined into it.
    """
    module = base_name(frame.module)
    if module and module in lists.system_modules:
        return None
    name = function_name(frame)
    if frame.file and "::" not in name and frame.file in lists.system_files:
        return None
    if name:
        return None if name in lists.machinery or name in lists.ignored else name
    if module and frame.offset is not None:
        return f"{module}+0x{frame.offset:x}"
    return base_name(frame.file) or None


def base_name(path: str | None) -> str:
    """Return the last part of a path of any system."""
    return path.replace("\\", "/").rpartition("/")[2] if path else ""


def function_name(frame: Frame) -> str:
    """Return the normalised function, empty where no symbol is known."""
    return normalise(frame.function) if frame.function else ""


def types_of_ours(function: str | None, lists: StackLists) -> tuple[str, ...]:
    """Return the types within template arguments that are no library's: qualified names, and names in CamelCase."""
    inside = (function or "")[:_NAME_LIMIT].partition("<")[2]
    found = dict.fromkeys(_TYPE.findall(inside))
    return tuple(name for name in found if name not in lists.ignored and name not in lists.machinery)[:3]
