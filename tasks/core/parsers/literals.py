"""Which of many literals stand in a text, in one pass: most texts have none, and a search for each takes long."""

from collections.abc import Iterable

import re2


def compiled(pattern: bytes) -> "re2._Regexp[bytes]":
    """Compile an expression for bytes in any encoding; RE2 searches ten times faster than ``re``, in linear time."""
    return re2.compile(pattern, _latin())


def _latin() -> re2.Options:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    return options


class Literals:
    """A set of literals, of which a text holds some or none."""

    def __init__(self, literals: Iterable[str | bytes]) -> None:
        self.literals = tuple(dict.fromkeys(word.encode() if isinstance(word, str) else word for word in literals))
        self._any = compiled(b"|".join(map(re2.escape, self.literals)))
        self._set = re2.Set.SearchSet(_latin())
        for literal in self.literals:
            self._set.Add(re2.escape(literal))
        self._set.Compile()

    def is_any_in(self, text: str | bytes) -> bool:
        """Tell whether the text holds one of them."""
        return self._any.search(_encoded(text)) is not None

    def first_place(self, text: bytes) -> int:
        """Return where the first of them stands, -1 where the text holds none; reads no further than that."""
        found = self._any.search(text)
        return found.start() if found else -1

    def in_text(self, text: str | bytes) -> frozenset[bytes]:
        """Return those that the text holds."""
        return frozenset(self.literals[number] for number in self._set.Match(_encoded(text)) or ())

    def places(self, text: bytes) -> list[int]:
        """Return where each of those that the text holds stands first, in no order."""
        return [text.find(literal) for literal in self.in_text(text)]


def _encoded(text: str | bytes) -> bytes:
    """Halves of surrogate pairs, which a JSON text can hold, are no part of any literal."""
    return text.encode(errors="surrogatepass") if isinstance(text, str) else text
