"""Many regular expressions (RE2) searched in a text at once: what that costs hardly grows with their number."""

from collections.abc import Iterable, Sequence

import re2

from tasks.core.patterns import compile_expression

_MEMORY = 64 * 1024 * 1024
_MEMORY_EACH = 64 * 1024
_ALWAYS = ""
"""Found in every text: where it is not, the set ran out of memory, which it does not say otherwise."""


class ExpressionIndex:
    """Expressions, known by their position; those of them that are found in a text are told without trying each."""

    def __init__(self, expressions: Sequence[str]) -> None:
        self._expressions = tuple(compile_expression(expression) for expression in expressions)
        self._set = _compiled((*expressions, _ALWAYS))

    def search(self, texts: Iterable[str]) -> list[int]:
        """Return the positions of the expressions that are found in at least one of the texts, in ascending order."""
        found: set[int] = set()
        for text in texts:
            found.update(self._search(text))
        return sorted(found)

    def _search(self, text: str) -> Iterable[int]:
        sentinel = len(self._expressions)
        positions = (self._set.Match(text) or ()) if self._set else ()
        if sentinel not in positions:
            return (number for number, expression in enumerate(self._expressions) if expression.search(text))
        return (number for number in positions if number != sentinel)


def _compiled(expressions: Sequence[str]) -> "re2.Set | None":
    """Compile the set; None where all of it together is too large, although each expression is not."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY + _MEMORY_EACH * len(expressions)
    compiled = re2.Set.SearchSet(options)
    try:
        for expression in expressions:
            compiled.Add(expression)
        compiled.Compile()
    except re2.error:
        return None
    return compiled
