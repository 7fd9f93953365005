"""An `if` whose condition reads what bots must not touch: where its test can leave bots out, and when that is right."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tree_sitter import Node

from tasks.core.errors import RefusalError
from tasks.core.fixes.expressions import called_name, operator_of
from tasks.core.fixes.guards import exits
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.skipping import enclosing_loop_of
from tasks.core.fixes.syntax import Source, bare, field, of_type, walk
from tasks.core.fixes.turns import goes_on

_NULLS = (b"nullptr", b"NULL", b"0", b"{}")


@dataclass(frozen=True, kw_only=True)
class TestedAccess:
    """An operand of the condition of an `if` that is nothing but the access, or a test of it for null."""

    site: Site
    statement: Node
    operand: Node
    owner: Node
    operator: str

    @property
    def shown(self) -> str:
        """The operand as a sentence shows it."""
        return show(self.site.source.text(self.operand))

    def __str__(self) -> str:
        line = self.operand.start_point.row + 1
        return f"{show(self.site.frame.file or '').rpartition('/')[2]}:{line}"


def tested_accesses(site: Site, is_touched: Callable[[bytes], bool]) -> Iterator[TestedAccess]:
    """Yield the operands on the frame's line that read a member, or ask a method, of such a name."""
    for statement in of_type(site.scope, "if_statement"):
        value = field(statement, "condition")
        if value is None or value.type == "declaration" or any(each.type == "constexpr" for each in statement.children):
            continue
        for operand in _operands(value):
            access = _access(site.source, operand)
            owner = field(access, "argument") if access is not None else None
            is_here = operand.start_point.row <= site.row <= operand.end_point.row
            if access is None or owner is None or not is_here or not is_touched(called_name(site.source, access)):
                continue
            yield TestedAccess(
                site=site, statement=statement, operand=operand, owner=owner, operator=operator_of(access)
            )


def check_left_out(found: TestedAccess, is_touched: Callable[[bytes], bool]) -> None:
    """
    Check that the `if` may do for bots what it does where there is no such value.

    Raises:
        RefusalError: it has an `else`, leaves, ends what was begun, or may be what steps a loop.
    """
    source, statement = found.site.source, found.statement
    body = field(statement, "consequence")
    if body is None or field(statement, "alternative") is not None:
        raise RefusalError(f"For bots the `else` of the condition at {found} would run, which may be wrong.")
    if any(exits(each) for each in walk(body, lambda node: node.type != "lambda_expression")):
        raise RefusalError(f"What the condition at {found} runs leaves, and bots would go on.")
    if ended := next(_endings(source, body, is_touched), None):
        raise RefusalError(f"`{show(source.text(ended))}` below {found} ends what was begun, for bots as well.")
    loop = enclosing_loop_of(statement, found.site.scope)
    if loop is not None and not goes_on(source, loop, range(body.start_byte, body.end_byte)):
        raise RefusalError(f"The loop around {found} may never end for a bot that skips the statement.")


def _operands(condition: Node) -> Iterator[Node]:
    """Yield the operands of a chain of ``&&`` and ``||``, of which none is negated."""
    node = bare(condition)
    left, right = field(node, "left"), field(node, "right")
    if operator_of(node) in ("&&", "||") and left is not None and right is not None:
        yield from _operands(left)
        yield from _operands(right)
    else:
        yield node


def _access(source: Source, operand: Node) -> Node | None:
    """Return ``owner->member`` of an operand that is it, a call of it without arguments, or a test of it for null."""
    left, right = field(operand, "left"), field(operand, "right")
    if operator_of(operand) == "!=" and left is not None and right is not None and source.text(right) in _NULLS:
        operand = bare(left)
    if operand.type == "call_expression":
        given = field(operand, "arguments")
        if given is None or given.named_child_count:
            return None
        operand = field(operand, "function") or operand
    return operand if operand.type == "field_expression" else None


def _endings(source: Source, body: Node, is_touched: Callable[[bytes], bool]) -> Iterator[Node]:
    """Yield what gives back, clears or takes away: it must be done for whoever it was begun."""
    for each in walk(body):
        if each.type == "delete_expression":
            yield each
        function, given, left = field(each, "function"), field(each, "arguments"), field(each, "left")
        if each.type == "call_expression" and function is not None and is_touched(called_name(source, function)):
            values = [source.text(value) for value in given.named_children] if given is not None else []
            if any(value in (*_NULLS, b"false") for value in values):
                yield each
        if each.type == "assignment_expression" and left is not None and is_touched(called_name(source, left)):
            yield each
