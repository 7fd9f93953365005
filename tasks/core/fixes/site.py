"""Where a frame stands in its source: the function, the statements on its line, and the arguments as far as shown."""

from collections.abc import Iterator
from dataclasses import dataclass

import re2
from tree_sitter import Node

from tasks.core.crash import Frame
from tasks.core.errors import RefusalError
from tasks.core.fixes.expressions import Dereference, called_name, declared_name, dereferences
from tasks.core.fixes.syntax import (
    BLOCKS,
    Source,
    body_of,
    function_at,
    functions_on,
    own_nodes,
    own_rows,
    statements,
    walk,
)
from tasks.core.names import LAMBDA, normalise, unqualified

_ARGUMENT = re2.compile(r"(?:^|[(, ])(\w+)=(?:\w+@entry=)?(?:\([^()]*\) ?)?(0x[0-9a-fA-F]{1,16})\b")
_ARGUMENTS_LIMIT = 4096


@dataclass(frozen=True, kw_only=True)
class Site:
    """A frame's place: its file, and the function or lambda that was running."""

    frame: Frame
    source: Source
    scope: Node

    @property
    def row(self) -> int:
        """The frame's line, counted from 0."""
        return (self.frame.line or 1) - 1

    @property
    def function(self) -> str:
        """The normalised name of the frame's function; empty when the report gives none."""
        return normalise(self.frame.function) if self.frame.function else ""

    @property
    def name(self) -> bytes:
        """The unqualified name by which a caller's source calls the function."""
        return unqualified(self.function).encode()

    def __str__(self) -> str:
        return f"{show(self.frame.file or '?').replace(chr(92), '/').rpartition('/')[2]}:{self.frame.line}"

    def statements(self) -> list[Node]:
        """Return the statements with text of their own on the frame's line, outermost first."""
        return [each for each in statements(self.scope) if self.row in own_rows(each) and each.type not in BLOCKS]

    def dereferences(self) -> list[Dereference]:
        """Return what goes through a pointer on the line, else in the statements that cover it."""
        found = list(dereferences(self.source, self.nodes()))
        return [each for each in found if each.row == self.row] or found

    def own_calls(self, name: bytes) -> list[Node]:
        """Return the calls of ``name`` on the frame's line, else those of the statements that cover it."""
        return self._calls_among(self.nodes(), name)

    def calls(self, name: bytes) -> list[Node]:
        """
        Return the calls of ``name`` on the frame's line, or failing that near it.

        Near is what an `if` or loop on the line runs without braces, since a fix may stand there, and the statement
        that ends before the line, since some reports give the line that the call returns to.
        """
        choices = (self.nodes(), self._body_nodes(), self._nodes_before())
        return next((found for nodes in choices if (found := self._calls_among(nodes, name))), [])

    def _calls_among(self, nodes: Iterator[Node], name: bytes) -> list[Node]:
        found = [each for each in nodes if each.type == "call_expression" and _calls(self.source, each, name)]
        return [each for each in found if self.row == _name_row(each)] or found

    def nodes(self) -> Iterator[Node]:
        """Yield the nodes of the statements on the line, without those of statements in them."""
        for statement in self.statements():
            yield from own_nodes(statement)

    def _body_nodes(self) -> Iterator[Node]:
        for statement in self.statements():
            body = statement.child_by_field_name("consequence") or statement.child_by_field_name("body")
            if body is not None and body.type != "compound_statement":
                yield from own_nodes(body)

    def _nodes_before(self) -> Iterator[Node]:
        first = next((each for each in self.statements() if each.start_point.row == self.row), None)
        before = [each for each in statements(self.scope) if each.end_point.row < self.row and each.type not in BLOCKS]
        # A test of a pointer on the line is what a fix puts before the statement that crashed.
        if before and not (first is not None and first.type == "if_statement"):
            yield from own_nodes(before[-1])


def locate(frame: Frame, source: Source) -> Site:
    """
    Find the function or lambda of a frame.

    Raises:
        RefusalError: the line is in no function, or in another one than the frame names.
    """
    line = frame.line or 1
    wanted = unqualified(normalise(frame.function)) if frame.function else ""
    functions = [each for each in (function_at(source, line), *functions_on(source, line)) if each is not None]
    found = next((each for each in functions if _is_named(source, each, wanted)), None)
    if functions and found is None and LAMBDA in wanted:
        found = functions[0]
    if found is None:
        raise RefusalError(
            f"Line {line} of {show(frame.file or '?')} is not in {show(wanted) or 'any function'}: "
            "is this the source of the build that crashed?"
        )
    is_lambda = LAMBDA in wanted or wanted == "operator()"
    # Reports that a person wrote, and some debuggers, name the function around a lambda.
    inner = _lambda_at(found, line - 1, is_named=is_lambda)
    return Site(frame=frame, source=source, scope=inner or found)


def _is_named(source: Source, function: Node, wanted: str) -> bool:
    declarator = function.child_by_field_name("declarator")
    name = declared_name(declarator) if declarator is not None else None
    if not wanted or wanted.startswith("operator"):
        return True
    if name is None:
        return False
    return unqualified(normalise(called_name(source, name).decode("utf-8", "replace"))) == wanted


def _lambda_at(function: Node, row: int, *, is_named: bool) -> Node | None:
    """Return the innermost lambda on a row; on the row where its body begins or ends the frame's name decides."""
    found = None
    for each in walk(function, lambda node: node.start_point.row <= row <= node.end_point.row):
        body = body_of(each) if each.type == "lambda_expression" else None
        if body is None or not body.start_point.row <= row <= body.end_point.row:
            continue
        if is_named or body.start_point.row < row < body.end_point.row:
            found = each
    return found


def _calls(source: Source, call: Node, name: bytes) -> bool:
    function = call.child_by_field_name("function")
    return function is not None and called_name(source, function) == name


def _name_row(call: Node) -> int:
    function = call.child_by_field_name("function")
    return (function or call).end_point.row


def argument_values(frame: Frame) -> dict[bytes, int]:
    """Return the pointers among a frame's arguments, as far as the debugger printed them: ``this=0x0``."""
    found = _ARGUMENT.findall(frame.arguments[:_ARGUMENTS_LIMIT])
    return {name.encode(): int(value, 16) for name, value in found}


def show(text: str | bytes, limit: int = 80) -> str:
    """Return a piece of source or dump for a sentence: one line, printable, not too long."""
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    plain = " ".join("".join(each if each.isprintable() else " " for each in plain).split())
    return plain if len(plain) <= limit else plain[: limit - 3] + "..."
