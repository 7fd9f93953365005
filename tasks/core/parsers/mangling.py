"""
The qualified name inside a mangled one: ``_ZN4base5debug10StackTraceC1Ev`` -> ``base::debug::StackTrace::StackTrace``.

Texts without a debugger hold names as the linker sees them. Only what a key needs is read: scopes, constructors,
operators, lambdas; types are passed over and template arguments dropped. Grammar: the Itanium C++ ABI, section 5.1.
"""

import re
from functools import lru_cache

_LIMIT = 4096
_DEPTH_LIMIT = 64
_NUMBER = re.compile(r"\d{1,6}")
_SEQUENCE = re.compile(r"[ST][0-9A-Z]{0,10}_")
_STANDARD = {
    "St": "std",
    "Sa": "std::allocator",
    "Sb": "std::basic_string",
    "Ss": "std::string",
    "Si": "std::istream",
    "So": "std::ostream",
    "Sd": "std::iostream",
}
_OPERATORS: dict[str, str] = dict(
    re.findall(
        r"(\w\w)(\S+)",
        "nw_new na_new[] dl_delete da_delete[] ps+ ng- ad& de* co~ pl+ mi- ml* dv/ rm% an& or| eo^ aS= pL+= mI-= mL*="
        " dV/= rM%= aN&= oR|= eO^= ls<< rs>> lS<<= rS>>= eq== ne!= lt< gt> le<= ge>= ss<=> nt! aa&& oo|| pp++ mm-- cm,"
        " pm->* pt-> cl() ix[]",
    )
)
_BUILTIN = frozenset("vwbcahstijlmxynofdegz")


class _UnreadableError(Exception):
    """The name uses a part of the grammar that is passed over; it never leaves this module."""


@lru_cache(maxsize=1024)
def readable(name: str) -> str:
    """Return the qualified name of a mangled function; any other name comes back unchanged."""
    mangled = name.removeprefix("_") if name.startswith("__Z") else name
    if not mangled.startswith("_Z") or len(mangled) > _LIMIT:
        return name
    simple = _simple(mangled) if mangled.startswith("_ZN") else None
    if simple:
        return simple
    try:
        return _Reader(mangled).encoding_name()
    except (_UnreadableError, IndexError):
        return name


def _simple(mangled: str) -> str | None:
    """Read scopes and a function of plain names, which most functions of a stack have; None for all others."""
    at, parts = 4 if mangled[3:4] == "K" else 3, []
    while (match := _NUMBER.match(mangled, at)) is not None:
        end = match.end() + int(match[0])
        parts.append(mangled[match.end() : end])
        at = end
    is_whole = mangled[at : at + 1] == "E" and "_GLOBAL__N_" not in mangled
    return "::".join(parts) if is_whole and len(parts) > 1 and "" not in parts else None


class _Reader:
    """A cursor over one mangled name."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 2
        self._depth = 0

    def encoding_name(self) -> str:
        return self._name()

    def _peek(self, size: int = 1) -> str:
        return self._text[self._at : self._at + size]

    def _take(self, word: str) -> bool:
        if not self._text.startswith(word, self._at):
            return False
        self._at += len(word)
        return True

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > _DEPTH_LIMIT:
            raise _UnreadableError

    def _name(self) -> str:
        self._enter()
        if self._take("N"):
            found = self._nested()
        elif self._take("Z"):
            found = self._local()
        else:
            found = self._unscoped()
        self._depth -= 1
        return found

    def _unscoped(self) -> str:
        found = "std::" + self._component(()) if self._take("St") else self._component(())
        if self._peek() == "I":
            self._arguments()
        return found

    def _nested(self) -> str:
        while self._peek() in {"r", "V", "K", "R", "O"}:
            self._at += 1
        parts: list[str] = []
        while not self._take("E"):
            if self._peek() == "I":
                self._arguments()
            elif self._peek(2) in _STANDARD and not parts:
                parts.append(_STANDARD[self._peek(2)])
                self._at += 2
            elif (sequence := _SEQUENCE.match(self._text, self._at)) and not parts:
                parts.append("_")
                self._at = sequence.end()
            else:
                parts.append(self._component(parts))
        if not parts:
            raise _UnreadableError
        return "::".join(parts)

    def _local(self) -> str:
        outer = self._name()
        while not self._take("E"):
            self._type()
        if self._take("s"):
            return outer
        if self._take("d"):
            self._number()
            self._take("_")
        inner = self._name()
        return f"{outer}::{inner}"

    def _component(self, parts: list[str] | tuple[str, ...]) -> str:
        self._take("L")
        first, two = self._peek(), self._peek(2)
        if first.isdecimal():
            found = self._source_name()
        elif first in {"C", "D"} and two[1:].isdecimal() and parts:
            self._at += 2
            owner = parts[-1].rpartition("::")[2]
            found = owner if first == "C" else f"~{owner}"
        elif two == "Ul":
            found = self._lambda()
        elif two == "cv":
            self._at += 2
            self._type()
            found = "operator conversion"
        elif two in _OPERATORS:
            self._at += 2
            found = "operator" + _OPERATORS[two].replace("_", " ")
        else:
            raise _UnreadableError
        while self._take("B"):
            self._source_name()
        return found

    def _lambda(self) -> str:
        self._at += 2
        while not self._take("E"):
            self._type()
        if self._peek().isdecimal():
            self._number()
        if not self._take("_"):
            raise _UnreadableError
        return "{lambda()#1}"

    def _number(self) -> int:
        match = _NUMBER.match(self._text, self._at)
        if match is None:
            raise _UnreadableError
        self._at = match.end()
        return int(match[0])

    def _source_name(self) -> str:
        size = self._number()
        found = self._peek(size)
        if len(found) < size or not size:
            raise _UnreadableError
        self._at += size
        return "(anonymous namespace)" if found.startswith("_GLOBAL__N_") else found

    def _arguments(self) -> None:
        self._at += 1
        while not self._take("E"):
            self._argument()

    def _argument(self) -> None:
        self._enter()
        if self._peek() == "J":
            self._arguments()
        elif self._take("L"):
            self._literal()
        else:
            self._type()
        self._depth -= 1

    def _literal(self) -> None:
        if self._take("_Z"):
            self._name()
            while not self._take("E"):
                self._type()
            return
        self._type()
        end = self._text.find("E", self._at)
        if end < 0:
            raise _UnreadableError
        self._at = end + 1

    def _type(self) -> None:
        self._enter()
        while self._peek() in {"r", "V", "K", "P", "R", "O", "C", "G"}:
            self._at += 1
        first, two = self._peek(), self._peek(2)
        sequence = _SEQUENCE.match(self._text, self._at)
        if two == "Dp":
            self._at += 2
            self._type()
        elif sequence or (two in _STANDARD and two != "St"):
            self._at = sequence.end() if sequence else self._at + 2
            if self._peek() == "I":
                self._arguments()
        elif first == "D" and two[1:] in set("nisuacdefh"):
            self._at += 2
        elif first in _BUILTIN:
            self._at += 1
        elif first == "F":
            self._arguments()
        elif first == "A":
            self._array()
        elif first == "M":
            self._at += 1
            self._type()
            self._type()
        elif first in {"N", "Z"} or first.isdecimal() or two == "St":
            self._name()
        else:
            raise _UnreadableError
        self._depth -= 1

    def _array(self) -> None:
        self._at += 1
        if self._peek().isdecimal():
            self._number()
        if not self._take("_"):
            raise _UnreadableError
        self._type()
