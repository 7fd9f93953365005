"""Where else a function goes through the pointer that was null, and what would run without it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node

from tasks.core.fixes.calls import function_name, functions, own_calls
from tasks.core.fixes.declared import is_declared_within, is_local
from tasks.core.fixes.expressions import (
    Dereference,
    called_name,
    declared_name,
    dereferences,
    handed,
    is_assigned,
    key_of,
)
from tasks.core.fixes.guards import exits, is_checked, is_conditional, later_statements
from tasks.core.fixes.pointers import NullPointer
from tasks.core.fixes.reliance import LOG
from tasks.core.fixes.syntax import Source, body_of, of_type, own_nodes, statement_of, walk


@dataclass(frozen=True, kw_only=True)
class Uses:
    """The unchecked uses of one null pointer in its function."""

    null: NullPointer

    def among(self, nodes: Iterable[Node]) -> list[Dereference]:
        """Return the nodes that go through the pointer unchecked."""
        site, key = self.null.site, self.null.place.key
        return [
            each
            for each in dereferences(site.source, nodes)
            if each.key == key and not is_checked(site.source, each.node, key, site.scope)
        ]

    def below(self, node: Node | None) -> list[Dereference]:
        """Return the unchecked uses in a node, without those in a lambda, which runs at another time."""
        return self.among(walk(node, lambda each: each.type != "lambda_expression")) if node is not None else []

    def needed_below(self, node: Node | None) -> list[Dereference]:
        """Return the unchecked uses in a node, and where it hands the pointer to code that may go through it."""
        site, key = self.null.site, self.null.place.key
        if node is None or LOG.match(site.source.text(node)):
            return self.below(node)
        inner = walk(node, lambda each: each.type != "lambda_expression")
        given = [
            each
            for each in handed(site.source, inner, key)
            if not _is_asked_about(site.source, each.node) and not is_checked(site.source, each.node, key, site.scope)
        ]
        return sorted([*self.below(node), *given], key=lambda each: each.node.start_byte)

    @cached_property
    def own(self) -> list[Dereference]:
        """Those of the crashing statement itself."""
        return self.among(own_nodes(self.null.statement))

    @cached_property
    def following(self) -> list[Node]:
        """The statements that can run after the crashing one."""
        return later_statements(self.null.statement, self.null.site.scope)

    @cached_property
    def later(self) -> list[Dereference]:
        """Those after the crashing statement that need the pointer, with the same value of it."""
        return [
            each
            for statement in self.following
            for each in (*self.needed_below(statement), *self._by_other_names(statement))
            if not self.is_assigned_in(range(self.null.statement.end_byte, each.node.start_byte))
        ]

    @cached_property
    def _aliases(self) -> dict[bytes, int]:
        """The variables and members that the function gives the pointer's value to, with the end of where it does."""
        site, key, found = self.null.site, self.null.place.key, dict[bytes, int]()
        for each in of_type(site.scope, "init_declarator", "assignment_expression"):
            value = each.child_by_field_name("value") or each.child_by_field_name("right")
            target = declared_name(each) if each.type == "init_declarator" else each.child_by_field_name("left")
            if target is not None and value is not None and key_of(site.source, value) == key:
                found[key_of(site.source, target)] = each.end_byte
        return found

    def _by_other_names(self, statement: Node) -> list[Dereference]:
        """Return the unchecked uses of the pointer's value by another variable, or in a lambda that captures it."""
        site, key = self.null.site, self.null.place.key
        inner = walk(statement, lambda each: each.type != "lambda_expression")
        found = [each for each in dereferences(site.source, inner) if self._is_alias(each)]
        for each in of_type(statement, "lambda_expression"):
            capture = each.child_by_field_name("captures")
            taken = site.source.text(capture) if capture is not None else b"[]"
            if b"=" in taken or b"&" in taken or key in taken:
                found += [use for use in dereferences(site.source, walk(each)) if use.key == key]
        found += self._in_own_functions(statement)
        return [each for each in found if not is_checked(site.source, each.node, each.key, site.scope)]

    def _is_alias(self, use: Dereference) -> bool:
        """Say whether a use goes through another variable that has the pointer's value there."""
        start, body = self._aliases.get(use.key), body_of(self.null.site.scope)
        if start is None or start > use.node.start_byte or body is None:
            return False
        return not is_assigned(self.null.site.source, use.key, [body], range(start, use.node.start_byte))

    def _in_own_functions(self, statement: Node) -> list[Dereference]:
        """Return the calls of functions of the file, and the objects that are made, that go through the pointer."""
        site, key, place = self.null.site, self.null.place.key, self.null.place.pointer
        found: list[Node] = []
        if place.type == "identifier" and not is_local(site.source, key, place, site.scope):
            bodies = {function_name(site.source, each).rpartition(b"::")[2]: each for each in functions(site.source)}
            for call in own_calls(site.source, statement):
                body = bodies.get(call.name)
                if body is None or body == site.scope:
                    continue
                uses = [use for use in dereferences(site.source, walk(body)) if use.key == key]
                if any(not is_checked(site.source, use.node, key, body) for use in uses):
                    found.append(call.node)
        if statement.type == "declaration":
            # `Helper helper(p);` reads like the declaration of a function.
            made = of_type(statement, "parameter_declaration")
            found += [each for each in made if site.source.text(each) == key]
        row = statement.start_point.row
        return [Dereference(node=each, pointer=place, key=key, row=row, form="handed") for each in found]

    @cached_property
    def is_always_used_later(self) -> bool:
        """Whether a later statement of the same block goes through the pointer on every way."""
        own = [each for each in self.following if each.parent == self.null.statement.parent]
        return any(
            each.node.start_byte >= statement.start_byte
            and statement_of(each.node) == statement
            and not is_conditional(each.node, statement)
            for statement in own
            for each in self.later
            if each.node.end_byte <= statement.end_byte
        )

    def is_assigned_in(self, span: range) -> bool:
        """Say whether the pointer may get another value within a span of bytes."""
        body = body_of(self.null.site.scope)
        places = [body] if body is not None else []
        return is_assigned(self.null.site.source, self.null.place.key, places, span)

    def is_declared_by(self, statement: Node) -> bool:
        """Say whether the statement itself declares the variable through which the pointer is reached."""
        return any(
            is_declared_within(self.null.site.source, self.null.site.source.text(leaf), leaf, statement)
            for leaf in walk(self.null.place.pointer)
            if leaf.type == "identifier"
        )

    def pure_run(self) -> list[Node] | None:
        """
        Return the crashing statement and the ones right behind it that do nothing but use the pointer.

        None unless they hold every later use, so that one test around them is all that the function needs.
        """
        statement = self.null.statement
        run = [statement]
        for each in self.following:
            if each.parent != statement.parent or not self.is_pure(each):
                break
            run.append(each)
        is_all = all(each.node.end_byte <= run[-1].end_byte for each in self.later)
        return run if is_all else None

    def needing_run(self) -> list[Node] | None:
        """
        Return the crashing statement and the ones right behind it that use the pointer or hand it on.

        None unless they hold every later use, and are more than one.
        """
        statement = self.null.statement
        run = [statement]
        for each in self.following:
            is_step = each.type == "expression_statement" and bool(self.needed_below(each))
            if each.parent != statement.parent or not (is_step or self.is_pure(each)):
                break
            run.append(each)
        is_all = all(each.node.end_byte <= run[-1].end_byte for each in self.later)
        return run if is_all and len(run) > 1 else None

    def is_pure(self, statement: Node) -> bool:
        """Say whether each step of a statement uses the pointer: nothing is lost when it is left out."""
        if statement.type == "expression_statement":
            return bool(self.among(own_nodes(statement)))
        if statement.type == "comment":
            return True
        if statement.type == "if_statement" and statement.child_by_field_name("alternative") is None:
            body = statement.child_by_field_name("consequence")
            steps = body.named_children if body is not None and body.type == "compound_statement" else [body]
            return bool(steps) and all(each is not None and self.is_pure(each) for each in steps)
        return False

    def unrelated_behind(self) -> Node | None:
        """Return a statement after the last use that does not mention the pointer: an early exit would skip it."""
        last = max((each.node.end_byte for each in self.later), default=self.null.statement.end_byte)
        return next(self._unrelated(each for each in self.following if each.start_byte >= last), None)

    def unrelated_outside(self) -> Node | None:
        """Return a statement behind the block of the crashing one that leaving the function would skip."""
        block = self.null.statement.parent
        outside = (each for each in self.following if block is not None and each.start_byte >= block.end_byte)
        return next(self._unrelated(outside), None)

    def _unrelated(self, statements: Iterable[Node]) -> Iterator[Node]:
        for each in statements:
            is_plain_exit = exits(each) and each.type != "compound_statement"
            if each.type != "comment" and not is_plain_exit and not self.needed_below(each):
                yield each


def _is_asked_about(source: Source, argument: Node) -> bool:
    """Say whether a call with an argument is an assertion, or only tells whether there is an object."""
    call = argument.parent.parent if argument.parent is not None else None
    function = call.child_by_field_name("function") if call is not None and call.type == "call_expression" else None
    name = called_name(source, function) if function is not None else b""
    return b"assert" in name.lower() or name in (b"bool", b"static_cast", b"dynamic_cast", b"free", b"swap")
