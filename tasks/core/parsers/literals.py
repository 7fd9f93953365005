"""Whether one of many literals stands in a text, in one pass: most texts have none, and a search for each takes long."""

from collections.abc import Iterable

import re2


class Literals:
    """A set of literals, of which a text holds some or none."""

    def __init__(self, literals: Iterable[str | bytes]) -> None:
        self.literals = tuple(
            dict.fromkeys(word.encode() if isinstance(word, str) else word for word in literals)
        )
        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1
        self._any = re2.compile(b"|".join(map(re2.escape, self.literals)), options)
        self._set = re2.Set.SearchSet(options)
        for literal in self.literals:
            self._set.Add(re2.escape(literal))
        self._set.Compile()

    def is_any_in(self, text: str | bytes) -> bool:
        """Tell whether the text holds one of them."""
        return self._any.search(_encoded(text)) is not None

    def in_text(self, text: str | bytes) -> frozenset[bytes]:
        """Return those that the text holds."""
        return frozenset(self.literals[number] for number in self._set.Match(_encoded(text)) or ())


def _encoded(text: str | bytes) -> bytes:
    """Halves of surrogate pairs, which a JSON text can hold, are no part of any literal."""
    return text.encode(errors="surrogatepass") if isinstance(text, str) else text
