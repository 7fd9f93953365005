"""
The template `null-check`: test the pointer that a crash shows to be null, where it was gone through.

What the test does follows the statement: a call or assignment is skipped, a condition takes the test in, and where the
value is needed afterwards the function gives up before it. Where none of these keeps the meaning of the code for a
pointer that is not null, the template refuses.
"""

from collections.abc import Mapping, Sequence

from tree_sitter import Node

from tasks.core.crash import Crash
from tasks.core.errors import RefusalError
from tasks.core.fixes import pointers
from tasks.core.fixes.answers import answer_of, check_not_ordering, never_returns
from tasks.core.fixes.contract import FromFrames, Proposal
from tasks.core.fixes.deeds import check_deed, told_done
from tasks.core.fixes.expressions import Dereference, is_repeatable, operator_of
from tasks.core.fixes.guarding import Writer
from tasks.core.fixes.guards import asserting_line, exits
from tasks.core.fixes.leaving import exit_without
from tasks.core.fixes.meaning import goes_through, is_waiting, meaning
from tasks.core.fixes.null_statements import Change, StatementRewrite
from tasks.core.fixes.site import show
from tasks.core.fixes.skipping import (
    check_progress_without,
    enclosing_loop,
    is_joined,
    tested_operand,
)
from tasks.core.fixes.success import claims_success
from tasks.core.fixes.syntax import ancestors, is_broken
from tasks.core.fixes.testing import check_result, check_testable
from tasks.core.fixes.uses import Uses
from tasks.core.hierarchy import Level


class NullCheck(FromFrames):
    """Test a null pointer before the statement that crashed on it."""

    slug = "null-check"
    version = 4
    summary = "tests a pointer for null where a crash went through it"
    level: Level = "core"

    def propose(self, crash: Crash, sources: Mapping[str, bytes]) -> Proposal:
        """
        Propose the edits that make the crashing place stand a null pointer.

        Raises:
            RefusalError: the pointer can't be told, it is tested already, or no test keeps the meaning of the code.
        """
        null = pointers.find(crash, sources)
        check_testable(null)
        rewrite = _Rewrite(null=null, writer=Writer.at(null.site))
        edits, change = rewrite.edits()
        if change.startswith("Skips") and (told := told_done(null.site.source, rewrite.uses.following)) is not None:
            raise RefusalError(f"`{show(null.site.source.text(told))}` would tell of what has not been done.")
        if not change.startswith(("Leaves with `return", "Leaves with `break")):
            _check_head(rewrite.uses)
        if change.startswith("Leaves with `return") and never_returns(null.site.source, null.site.scope, null.sources):
            raise RefusalError("The function never returns, so nothing may return from it.")
        check_result(null, edits)
        line = asserting_line(null.site.source, null.place.node, null.place.key, null.site.scope)
        expected = f", although the assertion in line {line} expects otherwise" if line else ""
        return Proposal(edits=tuple(edits), explanation=f"{change}. {null.reason}{expected}.")


class _Rewrite(StatementRewrite):
    """The choice of the edits for one null pointer, by the kind of statement."""

    def edits(self) -> Change:
        """Choose by the kind of statement."""
        if is_broken(self.statement, self.null.site.scope):
            raise RefusalError(f"The parser does not understand {self.null.site}, perhaps for a macro.")
        check_not_ordering(self.null.site)
        if not self.uses.following and never_returns(self.null.site.source, self.null.site.scope, self.null.sources):
            raise RefusalError(f"Without the statement at {self.null.site} a function would return that never does.")
        check_deed(self.null.site, self.statement, self.null.place.key)
        if not is_repeatable(self.null.site.source, self.null.place.pointer):
            return self._hoist()
        shapes = {
            "expression_statement": self._expression,
            "declaration": self._value,
            "return_statement": self._value,
            "if_statement": self._if,
            "while_statement": self._loop,
            "do_statement": self._loop,
            "for_statement": self._for,
            "for_range_loop": self._whole,
            "switch_statement": self._whole,
        }
        shape = shapes.get(self.statement.type)
        if shape is None:
            kind = self.statement.type.replace("_", " ")
            raise RefusalError(
                f"{self.shown} is gone through in a {kind} at {self.null.site}: nothing can be left out."
            )
        return shape()

    def _for(self) -> Change:
        """Shape `for (...; i < p->size(); ...)`: the condition takes the test in; the start is guarded as a whole."""
        condition, update = (self.statement.child_by_field_name(name) for name in ("condition", "update"))
        if condition is not None and _holds(condition, self.null.place.node):
            return self._loop()
        if update is not None and _holds(update, self.null.place.node):
            raise RefusalError(f"{self.shown} is gone through in the step of the loop at {self.null.site}.")
        return self._whole()

    def _loop(self) -> Change:
        """Shape `while (p->f())`: a null pointer ends the loop."""
        if self.uses.later:
            return self._leave_before() if self.statement.type != "do_statement" else self._refuse_again()
        if enclosing_loop(self.uses) is None and claims_success(self.null.site, self.uses.following) is not None:
            return self._value()
        if goes_through(self.uses):
            operand = tested_operand(self.uses, "||")
            return [self.writer.test_operand(operand, b"!" + self.pointer, "||")], self._tests("true")
        if is_waiting(self.uses):
            raise RefusalError(f"Behind the loop at {self.null.site} null would count as what it waits for.")
        operand = tested_operand(self.uses, "&&")
        return [self.writer.test_operand(operand, self.pointer, "&&")], self._tests("false")

    def _if(self) -> Change:
        """Shape `if (p->f())`: the condition takes the test in, so that null means what the code does without it."""
        clause = self.statement.child_by_field_name("condition")
        value = clause.child_by_field_name("value") if clause is not None else None
        body, alternative = (self.statement.child_by_field_name(name) for name in ("consequence", "alternative"))
        if value is None or value.type == "declaration" or not _holds(value, self.null.place.node):
            return self._whole() if alternative is None else self._refuse_else()
        if alternative is not None:
            return self._if_else(self.uses.below(alternative))
        if self.uses.later:
            return self._exit_on_null() if exits(body) else self._leave_before()
        return self._plain_if(value, body)

    def _plain_if(self, value: Node, body: Node | None) -> Change:
        """Shape `if (p->f()) g();`, with nothing behind it that needs the pointer."""
        if not exits(body):
            check_progress_without(self.uses, body)
        if not exits(body) and self.uses.below(body) and not is_joined(self.uses):
            return [self.writer.require_first(value, self.pointer)], self._tests("false")
        chosen = meaning(self.uses)
        if chosen == "leave":
            return self._value() if self._is_certain() else self._leave_turn()
        if chosen == "false":
            return [self.writer.test_operand(tested_operand(self.uses, "&&"), self.pointer, "&&")], self._tests("false")
        operand = tested_operand(self.uses, "||")
        return [self.writer.test_operand(operand, b"!" + self.pointer, "||")], self._tests("true")

    def _leave_turn(self) -> Change:
        """Shape `if (best && best->x < p->x) continue;`: no null may be chosen, whatever the condition asks first."""
        leave = exit_without(self.uses)
        if leave != b"continue;":
            raise RefusalError(f"Only a part of the condition at {self.null.site} goes through {self.shown}.")
        return [self.writer.leave_unless(self.statement, b"!" + self.pointer, leave)], self._leaves(leave)

    def _if_else(self, uses: Sequence[Dereference]) -> Change:
        """Shape `if (p->f()) ... else p->g();`: neither branch can run."""
        if not uses:
            self._refuse_else()
        if self.uses.later or self.uses.unrelated_behind() is None:
            return self._leave_before(uses)
        return self._whole()

    def _exit_on_null(self) -> Change:
        """Shape `if (p->f()) return;` with uses behind it: null leaves as well."""
        body = self.statement.child_by_field_name("consequence")
        operand = tested_operand(self.uses, "||")
        joined = [each for each in ancestors(operand, self.statement) if operator_of(each) == "&&"]
        if joined or self.uses.needed_below(body) or not self._gives_up(body):
            return self._leave_before()
        return [self.writer.test_operand(operand, b"!" + self.pointer, "||")], self._tests("true")

    def _gives_up(self, body: Node | None) -> bool:
        """Say whether a body that leaves gives the answer with which the function gives up."""
        answer = answer_of(self.null.site.source, body)
        return not answer or exit_without(self.uses) == b"return %b;" % answer

    def _refuse_else(self) -> Change:
        raise RefusalError(f"Null would choose the `else` of the condition at {self.null.site}, which may be wrong.")

    def _refuse_again(self) -> Change:
        raise RefusalError(f"{self.shown} is gone through again in line {self.uses.later[0].node.start_point.row + 1}.")


def _check_head(uses: Uses) -> None:
    """Refuse where the loop around goes through the pointer in its head, which comes next and knows of no test."""
    site, loop = uses.null.site, enclosing_loop(uses)
    if loop is None:
        return
    for part in (loop.child_by_field_name("condition"), loop.child_by_field_name("update")):
        if part is None or _holds(part, uses.null.place.node) or not uses.below(part):
            continue
        if not uses.is_assigned_in(range(uses.null.statement.end_byte, loop.end_byte)):
            text = show(site.source.text(part))
            raise RefusalError(f"`{text}` in the head of the loop at {site} goes through the pointer as well.")


def _holds(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte
