"""
Whether code uses what several threads may use at once: members and globals, itself or through functions of its class.

Names are all there is to judge by, so what is neither a local, a constant nor a known singleton counts as shared.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

import re2
from tree_sitter import Node

from tasks.core.fixes.calls import function_around, function_name, functions
from tasks.core.fixes.declared import is_local
from tasks.core.fixes.expressions import called_name, key_of
from tasks.core.fixes.locks import lock_of
from tasks.core.fixes.site import show
from tasks.core.fixes.syntax import Source, body_of, walk

_CONSTANT = re2.compile(rb"[A-Z][A-Z0-9_]*|k[A-Z]\w*|s[A-Z]\w+")
"""Macros, enumerators, and singletons such as ``sWorld``: reading the name alone touches nothing that is guarded."""

_MEMBER = re2.compile(rb"[ms]_\w+|_\w+|\w+_")
_MAX_DEPTH = 3


@dataclass(frozen=True, kw_only=True)
class SharedState:
    """
    What a function may share with other threads.

    ``mutex`` is the key of the lock whose state is asked for, ``owner`` that of the object it guards a member of; empty
    where that is the function's own object.
    """

    source: Source
    sources: Collection[Source]
    scope: Node
    mutex: bytes
    owner: bytes = b""
    depth: int = _MAX_DEPTH

    def use_in(self, node: Node, but: Collection[Node] = ()) -> str | None:
        """
        Return the first use of shared state below a node, as a sentence goes on after "uses"; None without one.

        ``but`` are places that will be written otherwise.
        """
        return next(self._uses(node, but), None)

    @cached_property
    def _function(self) -> Node:
        return function_around(self.scope) or self.scope

    @cached_property
    def _vexing(self) -> frozenset[bytes]:
        """Variables with arguments that the parser takes for declared functions: ``WorldPacket data(opcode);``."""
        found = (each for each in walk(self._function) if each.type == "function_declarator")
        names = (
            each.child_by_field_name("declarator")
            for each in found
            if each.parent is not None and each.parent.type == "declaration"
        )
        return frozenset(self.source.text(name) for name in names if name is not None)

    def _uses(self, node: Node, but: Collection[Node]) -> Iterator[str]:
        for each in walk(node, lambda inner: inner not in but):
            if each in but:
                continue
            if each.type == "field_expression":
                yield from self._of_owner(each)
            elif each.type == "qualified_identifier":
                yield from self._of_class(each)
            elif _is_plain_name(each) or _is_argument(each):
                yield from self._of_name(each)

    def _of_owner(self, access: Node) -> Iterator[str]:
        base = access.child_by_field_name("argument")
        if base is None or not (base.type == "this" or (self.owner and key_of(self.source, base) == self.owner)):
            return
        if _is_called(access):
            yield from self._of_call(called_name(self.source, access))
        else:
            yield f"`{show(self.source.text(access))}`, which the lock may guard"

    def _of_class(self, name: Node) -> Iterator[str]:
        parts = self.source.text(name).split(b"::")
        if _is_called(name):
            if parts[-2:-1] == function_name(self.source, self._function).split(b"::")[-2:-1]:
                yield from self._of_call(parts[-1])
        elif _MEMBER.fullmatch(parts[-1]):
            yield f"`{show(self.source.text(name))}`, which the lock may guard"

    def _of_name(self, name: Node) -> Iterator[str]:
        text, outer = self.source.text(name), name.parent
        if _CONSTANT.fullmatch(text) or text.endswith(b"_cast"):
            return
        if _is_called(name) or (outer is not None and outer.type == "template_function" and _is_called(outer)):
            if not self._is_local(name):
                yield from self._of_call(text)
        elif not self._is_local(name):
            yield f"`{show(text)}`, which the lock may guard"

    def _is_local(self, name: Node) -> bool:
        text = self.source.text(name)
        return text in self._vexing or is_local(self.source, text, name, self._function)

    def _of_call(self, name: bytes) -> Iterator[str]:
        """A function without an object is one of the class, unless its definition says otherwise."""
        found = [
            (source, each)
            for source in self.sources
            for each in functions(source)
            if function_name(source, each).split(b"::")[-1] == name
        ]
        if not found or self.depth == 0:
            yield f"`{show(name)}`, whose source is not at hand"
        for source, function in found:
            if self._locks_first(source, function):
                continue
            inner = SharedState(
                source=source, sources=self.sources, scope=function, mutex=self.mutex, depth=self.depth - 1
            )
            body = body_of(function)
            use = inner.use_in(body) if body is not None else None
            if use:
                yield f"`{show(name)}`, which uses {use}"

    def _locks_first(self, source: Source, function: Node) -> bool:
        body = body_of(function)
        first = next((each for each in body.named_children if each.type != "comment"), None) if body else None
        lock = lock_of(source, first) if first is not None else None
        return lock is not None and self.mutex in lock.mutexes


def _is_plain_name(node: Node) -> bool:
    return node.type == "identifier" and (node.parent is None or node.parent.type != "qualified_identifier")


def _is_called(node: Node) -> bool:
    return (
        node.parent is not None
        and node.parent.type == "call_expression"
        and node.parent.child_by_field_name("function") == node
    )


def _is_argument(name: Node) -> bool:
    """Say whether a type is the argument of a variable that the parser takes for a declared function."""
    parameter = name.parent if name.type == "type_identifier" else None
    listed = parameter.parent if parameter is not None and parameter.type == "parameter_declaration" else None
    declarator = listed.parent if listed is not None else None
    outer = declarator.parent if declarator is not None else None
    return (
        parameter is not None
        and parameter.named_child_count == 1
        and outer is not None
        and outer.type == "declaration"
        and not any(each.type == "lambda_expression" for each in (declarator, listed) if each is not None)
    )
