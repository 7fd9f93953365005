"""How a statement that goes through a null pointer is left out, or the function given up before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import re2
from tree_sitter import Node

from tasks.core.edits import SourceEdit
from tasks.core.errors import RefusalError
from tasks.core.fixes.answers import answers_by_number
from tasks.core.fixes.declared import declared_type, is_initialised, is_parameter
from tasks.core.fixes.expressions import Dereference, called_name, operator_of
from tasks.core.fixes.guarding import Writer
from tasks.core.fixes.guards import earlier_statements, exits, is_conditional, mentions
from tasks.core.fixes.hoisting import hoist
from tasks.core.fixes.leaving import exit_without, half_removed
from tasks.core.fixes.meaning import is_false_without
from tasks.core.fixes.pointers import NullPointer
from tasks.core.fixes.reliance import strikes_out, teller
from tasks.core.fixes.site import show
from tasks.core.fixes.skipping import (
    check_progress,
    check_skippable,
    check_written,
    enclosing_loop,
    is_counted_behind,
    tested_operand,
)
from tasks.core.fixes.success import claims_success, is_success_without, is_trifle
from tasks.core.fixes.sums import other_part, summand
from tasks.core.fixes.syntax import BLOCKS, bare, field, statement_of, walk
from tasks.core.fixes.testing import is_given_back
from tasks.core.fixes.uses import Uses

_PACKET = re2.compile(rb"(?:\w+::)*\w*(?:Packet|ByteBuffer)")
_WHOLE = re2.compile(rb"100(?:\.0*)?f?|1\.0*f?")
"""What the parts of a percentage are added to."""

_ANSWER = re2.compile(rb"RESPONSE|RESULT|ANSWER|REPLY")
MAX_GUARDS = 3
"""Separate tests in one fix: a pointer that is used more often is better tested once, before all of them."""

MAX_MOVED_LINES = 40

Change = tuple[list[SourceEdit], str]
"""Edits, and what they change as the first sentence of the explanation, without its full stop."""


@dataclass(frozen=True, kw_only=True)
class StatementRewrite:
    """The edits for one null pointer in a statement of its own."""

    null: NullPointer
    writer: Writer

    @cached_property
    def uses(self) -> Uses:
        """The other uses of the pointer."""
        return Uses(null=self.null)

    @property
    def statement(self) -> Node:
        """The crashing statement."""
        return self.null.statement

    @cached_property
    def pointer(self) -> bytes:
        """The pointer as a test spells it."""
        text = self.null.site.source.text(self.null.place.pointer)
        return self.null.place.key if b"\n" in text or b"/" in text else text

    @cached_property
    def shown(self) -> str:
        """The pointer as a sentence shows it."""
        return f"`{show(self.pointer)}`"

    def _hoist(self) -> Change:
        """Shape `a->b()->c();`: give the pointer a name in the test, since a call must not run twice."""
        if self.statement.type != "expression_statement" or len(self.uses.own) > 1 or self.uses.later:
            raise RefusalError(f"{self.shown} is a call whose result has no name, and it is needed more than once.")
        check_skippable(self.uses)
        test, text = hoist(self.null.site, self.null.sources, self.statement, self.null.place.pointer)
        return [self.writer.run_if(self.statement, self.statement, test, text)], self._skips(self.statement)

    def _expression(self) -> Change:
        """Shape `p->f();` and `p->x = y;`: skip the statement, unless the value it computes is needed afterwards."""
        source, expression = self.null.site.source, self.statement.named_children[0]
        target = expression.child_by_field_name("left") if expression.type == "assignment_expression" else None
        if target is not None and operator_of(expression) in ("=", "") and not self.uses.below(target):
            is_needed = mentions(source, self.uses.following, called_name(source, target))
            has_value = is_initialised(source, source.text(target), target, self.null.site.scope)
            if ((is_needed or enclosing_loop(self.uses) is not None) and not has_value) or is_given_back(
                self.null, target
            ):
                return self._value()
        if not self.uses.later and self._fills_packet(expression):
            return self._value()
        check_skippable(self.uses)
        run = self.uses.pure_run() if self.uses.later else None
        if is_success_without(self.null.site, run[-1] if run else self.statement):
            behind = self.uses.unrelated_behind()
            if behind is not None and not is_trifle(source, behind):
                raise RefusalError(
                    f"Giving up early would skip `{self._text(behind)}`, and success would be told else."
                )
            return self._value()
        if not self.uses.later:
            is_counted = is_counted_behind(self.null.site, self.statement, self.uses.following)
            return self._value() if is_counted else self.skip()
        if run:
            edit = self.writer.run_if(run[0], run[-1], self.pointer)
            return [edit], f"Skips lines {_line(run[0])} to {run[-1].end_point.row + 1} while {self.shown} is null"
        return self._skip_each() or self._leave_or_skip_run()

    def _fills_packet(self, expression: Node) -> bool:
        """
        Say whether the statement writes a value into a packet of the function, which is sent without it else.

        Raises:
            RefusalError: the packet is an answer, and a client would wait for it.
        """
        site = self.null.site
        while operator_of(expression) == "<<":
            expression = expression.child_by_field_name("left") or expression
        name = site.source.text(expression)
        kind = declared_type(site.source, name, self.statement, site.scope) or b""
        is_own = _PACKET.fullmatch(kind) is not None and not is_parameter(site.source, name, self.statement, site.scope)
        if expression.type != "identifier" or not is_own or not mentions(site.source, self.uses.following, name):
            return False
        made = [each for each in earlier_statements(self.statement, site.scope) if each.type == "declaration"]
        answer = next((each for each in made if mentions(site.source, [each], name)), None)
        if answer is not None and _ANSWER.search(site.source.text(answer)):
            raise RefusalError(f"`{self._text(answer)}` is an answer for which a client may wait.")
        return True

    def _leave_or_skip_run(self) -> Change:
        """Give up before it; where that would skip more, skip what uses the pointer or hands it on."""
        try:
            return self._leave_before()
        except RefusalError:
            if (change := self._skip_run()) is None:
                raise
            return change

    def _skip_run(self) -> Change | None:
        site, run = self.null.site, self.uses.needing_run()
        steps = [each for each in run or () if each.type != "comment"]
        if (
            run is None
            or teller(site.source, steps, site.scope)
            or strikes_out(site.source, steps, self.null.place.key)
            or half_removed(self.uses, steps)
        ):
            return None
        for each in steps:
            if any(node.type == "assignment_expression" for node in walk(each)):
                return None
            if each.type == "expression_statement":
                check_written(site, each, self.null.place.key)
        edit = self.writer.run_if(run[0], run[-1], self.pointer)
        return [edit], f"Skips lines {_line(run[0])} to {run[-1].end_point.row + 1} while {self.shown} is null"

    def skip(self) -> Change:
        """Skip one statement; as the only one that an `if` runs, its condition takes the test in."""
        parent = self.statement.parent
        is_body = parent is not None and parent.child_by_field_name("consequence") == self.statement
        if parent is not None and is_body and parent.child_by_field_name("alternative") is None:
            condition = parent.child_by_field_name("condition")
            value = condition.child_by_field_name("value") if condition is not None else None
            is_constant = any(child.type == "constexpr" for child in parent.children)
            if value is not None and value.type != "declaration" and not is_constant:
                return [self.writer.require_too(value, self.pointer)], self._skips(self.statement)
        return [self.writer.run_if(self.statement, self.statement, self.pointer)], self._skips(self.statement)

    def _skip_each(self) -> Change | None:
        """Skip each later use too, where all of them are statements of their own and few."""
        if any(each.form == "handed" for each in self.uses.later):
            return None
        later = [statement_of(each.node) for each in self.uses.later]
        statements = list({each.id: each for each in (self.statement, *later) if each is not None}.values())
        if len(statements) > MAX_GUARDS or any(each.type != "expression_statement" for each in statements):
            return None
        rewrites = [StatementRewrite(null=self.null.at(each), writer=self.writer) for each in statements]
        for rewrite in rewrites:
            if rewrite.assigns_elsewhere():
                return None
            check_skippable(rewrite.uses)
        lines = ", ".join(str(_line(each)) for each in statements)
        return [edit for each in rewrites for edit in each.skip()[0]], f"Skips lines {lines} while {self.shown} is null"

    def assigns_elsewhere(self) -> bool:
        """Say whether the statement computes a value for something that is not reached through the pointer."""
        expression = self.statement.named_children[0]
        left = expression.child_by_field_name("left") if expression.type == "assignment_expression" else None
        return left is not None and not self.uses.below(left)

    def _value(self) -> Change:
        """Shape `T x = p->f();` and `return p->f();`: give up before it."""
        if self.uses.is_declared_by(self.statement):
            raise RefusalError(f"The statement at {self.null.site} declares what {self.shown} is reached through.")
        if not self._is_certain() or self._is_one_of_answers():
            return self._part_of_answer()
        is_returned = _returns_value(self.statement)
        place = self.null.place.node
        if is_returned and (other := other_part(self.null.site, self.statement, place, self._is_used)) is not None:
            return self._zero_part(other)
        leave = exit_without(self.uses)
        behind = self.uses.unrelated_outside() if leave.startswith(b"return") else None
        if behind is not None:
            return self._skip_rest(behind)
        return [self.writer.leave_unless(self.statement, b"!" + self.pointer, leave)], self._leaves(leave)

    def _zero_part(self, other: Node) -> Change:
        """Shape `return a + p->f();`: null adds nothing."""
        part = summand(self.statement, self.null.place.node)
        is_number = answers_by_number(self.null.site)
        is_open = other.type == "number_literal" and not _WHOLE.fullmatch(self.null.site.source.text(other))
        if part is None or is_open or not is_number or len(self.uses.own) > len(self.uses.below(part)):
            raise RefusalError(f"`{self._text(other)}` at {self.null.site} counts without {self.shown} as well.")
        text = self.null.site.source.text(part)
        zero = b"%b ? %b : 0" % (self.pointer, text)
        edit = self.writer.replace(part, zero if part.type == "parenthesized_expression" else b"(%b)" % zero)
        return [edit], f"Counts nothing for `{show(text)}` in line {_line(self.statement)} while {self.shown} is null"

    def _is_used(self, node: Node) -> bool:
        return bool(self.uses.below(node))

    def _is_one_of_answers(self) -> bool:
        """Say whether the statement returns or keeps `p->f() || g`: the other part says yes without the pointer."""
        value = bare(self.statement.named_children[0]) if _returns_value(self.statement) else None
        if self.statement.type == "declaration":
            declared = field(self.statement, "declarator")
            value = field(declared, "value") if declared is not None else None
        if value is None or operator_of(value) != "||":
            return False
        sides = [each for each in (field(value, "left"), field(value, "right")) if each is not None]
        return not all(self.uses.below(each) for each in sides)

    def _part_of_answer(self) -> Change:
        """Shape `return a && p->f();`: null makes the operand false."""
        is_open = self.statement.type == "declaration" and not self._is_certain()
        if self.uses.later or is_open or not is_false_without(self.uses):
            raise RefusalError(f"Only a part of the statement at {self.null.site} goes through {self.shown}.")
        operand = tested_operand(self.uses, "&&")
        return [self.writer.test_operand(operand, self.pointer, "&&")], self._tests("false")

    def _leave_before(self, uses: Sequence[Dereference] = ()) -> Change:
        """Give up before a statement that need not run itself, because later ones go through the pointer as well."""
        again = f"{self.shown} is gone through again in line {_line((uses or self.uses.later)[0].node)}"
        has_exit = any(exits(each) for each in walk(self.statement) if each.type != "compound_statement")
        if not self._is_certain() and (has_exit or not self.uses.is_always_used_later):
            raise RefusalError(f"{again}, but not always, so a test at {self.null.site} would not be enough.")
        if self.uses.is_declared_by(self.statement) or self.statement.parent is None:
            raise RefusalError(f"{again}, and the statement at {self.null.site} declares what it is reached through.")
        if self.statement.parent.type not in BLOCKS:
            raise RefusalError(f"{again}, outside the branch at {self.null.site}.")
        leave = exit_without(self.uses)
        behind = self.uses.unrelated_behind()
        if behind is not None and (leave.startswith(b"return") or behind.parent == self.statement.parent):
            raise RefusalError(f"{again}, and giving up early would skip `{self._text(behind)}`.")
        return [self.writer.leave_unless(self.statement, b"!" + self.pointer, leave)], self._leaves(leave)

    def _skip_rest(self, behind: Node) -> Change:
        """Skip the rest of an inner block, where leaving the function would also skip what follows the block."""
        block = self.statement.parent
        rest = [each for each in block.named_children if each.start_byte >= self.statement.start_byte] if block else []
        lines = rest[-1].end_point.row - self.statement.start_point.row + 1 if rest else 0
        if block is None or block.type != "compound_statement" or lines > MAX_MOVED_LINES:
            raise RefusalError(f"Giving up early would skip `{self._text(behind)}`, which does not need {self.shown}.")
        if claims_success(self.null.site, self.uses.following) is not None:
            raise RefusalError(f"Without {self.shown} the function would go on to tell its caller of success.")
        edit = self.writer.run_if(self.statement, rest[-1], self.pointer)
        return [edit], f"Skips the rest of the block from line {_line(self.statement)} on while {self.shown} is null"

    def _whole(self) -> Change:
        """Shape `for (auto& x : p->list())` and `switch (p->x)`: skip the statement with all that it runs."""
        if self.uses.is_declared_by(self.statement):
            raise RefusalError(
                f"The head of the statement at {self.null.site} declares what {self.shown} is reached through."
            )
        if not self._is_certain():
            raise RefusalError(f"Only a part of the head at {self.null.site} goes through {self.shown}.")
        if self.uses.later:
            return self._leave_before()
        if not self.uses.following and any(_returns_value(each) for each in walk(self.statement)):
            # Without the statement a function that returns a value would come to its end.
            return self._value()
        if enclosing_loop(self.uses) is None and claims_success(self.null.site, self.uses.following) is not None:
            return self._value()
        if self.statement.end_point.row - self.statement.start_point.row >= MAX_MOVED_LINES:
            raise RefusalError(f"The statement at {self.null.site} is too long to be moved under a test.")
        check_progress(self.uses)
        return [self.writer.run_if(self.statement, self.statement, self.pointer)], self._skips(self.statement)

    def _is_certain(self) -> bool:
        """Say whether the statement goes through the pointer on every way."""
        return not is_conditional(self.null.place.node, self.statement)

    def _text(self, node: Node) -> str:
        return show(self.null.site.source.text(node))

    def _skips(self, statement: Node) -> str:
        return f"Skips `{self._text(statement)}` in line {_line(statement)} while {self.shown} is null"

    def _tests(self, outcome: str) -> str:
        return f"The condition in line {_line(self.statement)} counts as {outcome} while {self.shown} is null"

    def _leaves(self, leave: bytes) -> str:
        return f"Leaves with `{show(leave)}` before line {_line(self.statement)} while {self.shown} is null"


def _line(node: Node) -> int:
    return node.start_point.row + 1


def _returns_value(node: Node) -> bool:
    return node.type == "return_statement" and bool(node.named_children)
