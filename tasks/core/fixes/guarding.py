"""
Edits that put a test around or before statements, in the layout of the function they stand in.

Nothing here decides whether a test is right; it only writes it so that braces, `else`, indentation, line ends and
everything outside the edit stay as they were.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import re2
from tree_sitter import Node

from tasks.core.edits import SourceEdit
from tasks.core.errors import RefusalError
from tasks.core.fixes.expressions import operator_of
from tasks.core.fixes.site import Site
from tasks.core.fixes.syntax import BLOCKS, LOOPS, Layout, Source, ancestors, body_of, indented, layout, walk

_MACRO = re2.compile(rb"[A-Z][A-Z0-9_]*[A-Z0-9]")
_LOG = re2.compile(rb"(?:[A-Z]+_)?LOG(?:_\w+)?")
_LOOSER_THAN_AND = frozenset(
    {"conditional_expression", "assignment_expression", "comma_expression", "throw_expression"}
)


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Writes the edits of one file around one function."""

    site: Site
    layout: Layout

    @classmethod
    def at(cls, site: Site) -> "Writer":
        """Read the layout at a site."""
        return cls(site=site, layout=layout(site.source, site.scope))

    def replace(self, node: Node, new: bytes) -> SourceEdit:
        """Replace one node."""
        return self._edit(node.start_byte, node.end_byte, new)

    def replace_by_lines(self, statement: Node, lines: list[bytes], *, is_one: bool = True) -> SourceEdit:
        """
        Replace a statement by lines of their own, also where it shares its line with the `if` or block that it is in.

        ``is_one`` says that the lines are one statement, which needs no braces.

        Raises:
            RefusalError: it shares its line with other code.
        """
        source, parent = self.site.source, statement.parent
        before = statement.prev_sibling
        if parent is None or not self._ends_line(statement.end_byte, parent):
            raise RefusalError(f"The statement at {self.site} shares its line with other code.")
        if source.starts_line(statement):
            written = _joined(lines, source.newline + source.indent(statement.start_byte))
            return (
                self.replace(statement, written)
                if is_one or _is_in_block(statement)
                else self._block(statement, written)
            )
        is_block = parent.type == "compound_statement"
        holder = parent if is_block else statement
        before = holder.prev_sibling
        if before is None or (is_block and len(parent.named_children) != 1) or holder.parent is None:
            raise RefusalError(f"The statement at {self.site} shares its line with other code.")
        if not is_block and parent.type in BLOCKS:
            raise RefusalError(f"The statement at {self.site} shares its line with other code.")
        indent = source.indent(before.end_byte)
        inner = source.newline + indent + self.layout.unit
        if not is_block and is_one:
            return self._edit(before.end_byte, statement.end_byte, inner + _joined(lines, inner))
        is_own_line = self.layout.own_line_braces and holder.parent.type != "lambda_expression"
        opening = source.newline + indent + b"{" if is_own_line else b" {"
        block = opening + inner + _joined(lines, inner) + source.newline + indent + b"}"
        return self._edit(before.end_byte, holder.end_byte, block)

    def _ends_line(self, end: int, parent: Node) -> bool:
        """Say whether nothing but a comment, or the end of a block of one line, stands behind a place on its line."""
        rest = self.site.source.content[end:].partition(b"\n")[0].strip()
        if rest.startswith(b"}") and parent.type == "compound_statement":
            return not rest[1:].strip(b" ;,)") or rest[1:].lstrip(b" ;,)").startswith(b"//")
        return not rest or rest.startswith(b"//")

    def remove_all(self, statements: Sequence[Node]) -> list[SourceEdit]:
        """Remove statements, those that follow each other as one piece."""
        runs: list[list[Node]] = []
        for each in statements:
            between = self.site.source.content[runs[-1][-1].end_byte : each.start_byte] if runs else b""
            if runs and not between.strip():
                runs[-1].append(each)
            else:
                runs.append([each])
        return [self.remove(run[0], run[-1]) for run in runs]

    def remove(self, statement: Node, last: Node | None = None) -> SourceEdit:
        """Remove a statement, or all to a last one, with its lines, and the blank line that would be left double."""
        source = self.site.source
        start, end = statement.start_byte, (last or statement).end_byte
        line_end = source.content.find(b"\n", end)
        line_end = len(source.content) if line_end < 0 else line_end + 1
        if not source.starts_line(statement) or source.content[end:line_end].strip():
            following = source.content[end : end + 1]
            return self._edit(start, end + (1 if following == b" " else 0), b"")
        first = source.line_start(start)
        before = source.content[:first].rstrip(b" \t\r").removesuffix(b"\n").rpartition(b"\n")[2].strip()
        after = source.content[line_end:].partition(b"\n")
        if before in (b"", b"{") and not after[0].strip() and after[1]:
            line_end += len(after[0]) + 1
        return self._edit(first, line_end, b"")

    def insert_guarded(self, before: Node | None, test: bytes, call: bytes) -> SourceEdit:
        """
        Put `if (test) call` before a statement of a block, above the comment that belongs to it.

        Without a test the call stands alone. None stands for the end of the block. A blank line that stands before the
        statement is made there again.
        """
        source, body = self.site.source, body_of(self.site.scope)
        inner = body.named_children if body is not None else []
        if not inner:
            raise RefusalError("The function has no statement beside which another one could stand.")
        if before is None:
            last = inner[-1]
            indent = source.indent(last.start_byte)
            guard = self._if(indent, test, call, has_braces=self.layout.braces_single) if test else call
            text = source.text(last)
            return self._edit(last.start_byte, last.end_byte, text + source.newline * 2 + indent + guard)
        anchor = before
        while _is_comment_above(anchor.prev_named_sibling, anchor):
            assert anchor.prev_named_sibling is not None
            anchor = anchor.prev_named_sibling
        if not source.starts_line(anchor):
            guard = b"if (%b) { %b }" % (test, call) if test else call
            return self._before(anchor, guard + b" ")
        indent = source.indent(anchor.start_byte)
        if anchor.type.startswith("preproc") and anchor.prev_named_sibling is not None:
            return self._above_directive(anchor, test, call)
        above = source.content[: source.line_start(anchor.start_byte)].rstrip(b"\r\n")
        gap = source.content[len(above) : source.line_start(anchor.start_byte)].count(b"\n") > 1
        guard = self._if(indent, test, call, has_braces=self.layout.braces_single) if test else call
        line = self._first_line(anchor)
        between = source.newline * (2 if gap else 1)
        return self._edit(anchor.start_byte, anchor.start_byte + len(line), guard + between + indent + line)

    def _above_directive(self, anchor: Node, test: bytes, call: bytes) -> SourceEdit:
        """Put `if (test) call` above a line of the preprocessor, indented as the statement before it is."""
        before = anchor.prev_named_sibling
        assert before is not None
        if before.type.startswith("preproc") or not self.site.source.starts_line(before):
            raise RefusalError("The call would stand between lines of the preprocessor.")
        indent = self.site.source.indent(before.start_byte)
        guard = self._if(indent, test, call, has_braces=self.layout.braces_single) if test else call
        line = self._first_line(anchor)
        start = anchor.start_byte
        return self._edit(start, start + len(line), indent + guard + self.site.source.newline + line)

    def insert_before(
        self, statement: Node, *lines: bytes, is_apart: bool = False, text: bytes | None = None
    ) -> SourceEdit:
        """
        Put lines before a statement, above the comment that belongs to it; ``is_apart`` leaves a blank line between.

        A statement that an `if`, `else` or loop runs without braces gets them, and then ``text`` may replace its own.
        """
        source = self.site.source
        own = text or source.text(statement)
        if not source.starts_line(statement):
            if not _is_in_block(statement):
                return self.replace(statement, b"{ %b }" % b" ".join([*lines, own]))
            return self._before(statement, b" ".join(lines) + b" ")
        indent = source.indent(statement.start_byte)
        between = source.newline * (2 if is_apart else 1) + indent
        written = (source.newline + indent).join(lines) + between
        if not _is_in_block(statement):
            return self._block(statement, written + own)
        anchor = statement
        while _is_comment_above(anchor.prev_named_sibling, anchor):
            assert anchor.prev_named_sibling is not None
            anchor = anchor.prev_named_sibling
        return self._before(anchor, written)

    def _before(self, node: Node, text: bytes) -> SourceEdit:
        """Put text before a node; the edit holds no more than its first word, so that others may change the rest."""
        while node.children:
            node = node.children[0]
        return self._edit(node.start_byte, node.end_byte, text + self.site.source.text(node))

    def only_if(self, statement: Node, test: bytes) -> SourceEdit:
        """Run a statement only if a test holds; where it is all that an `if` runs, the condition takes the test in."""
        parent = statement.parent
        if parent is not None and parent.type == "compound_statement":
            holder = parent.parent if parent.named_children == [statement] else None
        else:
            holder = parent
        if holder is not None and holder.type == "if_statement" and holder.child_by_field_name("alternative") is None:
            condition = holder.child_by_field_name("condition")
            value = condition.child_by_field_name("value") if condition is not None else None
            is_plain = not any(each.type == "constexpr" for each in holder.children)
            is_body = holder.child_by_field_name("consequence") in (statement, parent)
            if value is not None and value.type != "declaration" and is_plain and is_body:
                return self.require_too(value, test)
        return self.run_if(statement, statement, test)

    def run_if(self, first: Node, last: Node, test: bytes, text: bytes | None = None) -> SourceEdit:
        """
        Run the statements from ``first`` to ``last`` only if ``test`` holds; ``text`` may replace their own.

        Raises:
            RefusalError: the statements can't be moved to the right.
        """
        source = self.site.source
        start, end = first.start_byte, last.end_byte
        body = source.content[start:end] if text is None else text
        parent = first.parent
        if parent is not None and parent.type == "else_clause" and not captures_else(first) and text is None:
            return self._edit(parent.start_byte, parent.start_byte + 4, b"else if (%b)" % test)
        if not source.starts_line(first):
            return self._edit(start, end, self._on_one_line(first, last, test, body))
        self._check_movable(first, last)
        indent, moved = source.indent(start), indented(body, self.layout.unit)
        has_braces = first != last or self.layout.braces_single or _has_else(first) or _is_macro(source, first)
        guarded = self._if(indent, test, moved, has_braces=has_braces)
        if captures_else(first):
            return self._block(first, guarded)
        return self._edit(start, end, guarded)

    def leave_unless(self, statement: Node, test: bytes, leave: bytes) -> SourceEdit:
        """Put `if (test) leave` before a statement, so that the statement runs only if ``test`` does not hold."""
        source = self.site.source
        start = statement.start_byte
        parent = statement.parent
        if parent is not None and parent.type == "else_clause" and statement.type == "if_statement":
            return self._else_if(parent, statement, test, leave)
        if not source.starts_line(statement):
            if not _is_in_block(statement):
                return self.replace(statement, b"{ if (%b) { %b } %b }" % (test, leave, source.text(statement)))
            line = self._first_line(statement)
            return self._edit(start, start + len(line), b"if (%b) { %b } %b" % (test, leave, line))
        indent = source.indent(start)
        guard = self._if(indent, test, leave, has_braces=self.layout.braces_single)
        guard += source.newline * 2 + indent
        if not _is_in_block(statement):
            return self._block(statement, guard + source.text(statement))
        line = self._first_line(statement)
        return self._edit(start, start + len(line), guard + line)

    def _else_if(self, clause: Node, statement: Node, test: bytes, leave: bytes) -> SourceEdit:
        """Put a branch of its own before the `if` of an `else if`."""
        source, has_braces = self.site.source, self.layout.braces_single
        indent, line = source.indent(clause.start_byte), self._first_line(statement)
        between = b" " if has_braces and not self.layout.own_line_braces else source.newline + indent
        guard = self._if(indent, test, leave, has_braces=has_braces)
        return self._edit(statement.start_byte, statement.start_byte + len(line), guard + between + b"else " + line)

    def require_too(self, condition: Node, test: bytes) -> SourceEdit:
        """Append a test to a condition."""
        text = self.site.source.text(condition)
        return self.replace(
            condition, (b"(%b) && %b" if _is_looser_than_and(condition) else b"%b && %b") % (text, test)
        )

    def require_first(self, condition: Node, test: bytes) -> SourceEdit:
        """Put a test before a condition, which is then asked only if the test holds."""
        text = self.site.source.text(condition)
        return self.replace(
            condition, (b"%b && (%b)" if _is_looser_than_and(condition) else b"%b && %b") % (test, text)
        )

    def test_operand(self, operand: Node, test: bytes, operator: str) -> SourceEdit:
        """Put a test before one operand of a condition, joined by `&&` or `||`."""
        text = self.site.source.text(operand)
        if _is_looser_than_and(operand):
            text = b"(%b)" % text
        joined = b"%b %b %b" % (test, operator.encode(), text)
        parent = operand.parent
        around = operator_of(parent) if parent is not None and parent.type == "binary_expression" else operator
        return self.replace(operand, joined if around == operator else b"(%b)" % joined)

    def _edit(self, start: int, end: int, new: bytes) -> SourceEdit:
        return SourceEdit(
            path=self.site.frame.file or "", old=self.site.source.content[start:end], new=new, offset=start
        )

    def _first_line(self, statement: Node) -> bytes:
        return self.site.source.text(statement).partition(b"\n")[0].rstrip(b"\r")

    def _if(self, indent: bytes, test: bytes, body: bytes, *, has_braces: bool) -> bytes:
        newline, inner = self.site.source.newline, indent + self.layout.unit
        if not has_braces:
            return b"if (%b)%b%b%b" % (test, newline, inner, body)
        opening = newline + indent + b"{" if self.layout.own_line_braces else b" {"
        return b"if (%b)%b%b%b%b%b%b}" % (test, opening, newline, inner, body, newline, indent)

    def _block(self, statement: Node, inner: bytes) -> SourceEdit:
        """Put braces around what stands in the place of the one statement that an `if`, `else` or loop runs."""
        source = self.site.source
        before, parent = statement.prev_sibling, statement.parent
        if before is None or parent is None:
            raise RefusalError("The statement stands where no block can be written.")
        indent = source.indent(parent.start_byte)
        on_own_line = self.layout.own_line_braces or before.type == "comment"
        opening = source.newline + indent + b"{" if on_own_line else b" {"
        new = opening + source.newline + source.indent(statement.start_byte) + inner + source.newline + indent + b"}"
        return self._edit(before.end_byte, statement.end_byte, new)

    def _on_one_line(self, first: Node, last: Node, test: bytes, body: bytes) -> bytes:
        following = last.next_sibling
        shares_line = following is not None and following.is_named and following.start_point.row == last.end_point.row
        if captures_else(first):
            return b"{ if (%b) %b }" % (test, body)
        # Compilers warn of an unbraced body that another statement follows on its line.
        return (b"if (%b) { %b }" if first != last or shares_line else b"if (%b) %b") % (test, body)

    def _check_movable(self, first: Node, last: Node) -> None:
        places = (
            [first]
            if first == last
            else [each for each in first.parent.children if _is_between(each, first, last)]
            if first.parent
            else []
        )
        for each in (node for place in places for node in walk(place)):
            if each.type in ("raw_string_literal", "preproc_def", "preproc_function_def"):
                raise RefusalError("The statement holds text whose line starts count, so it can't be indented.")


def _joined(lines: list[bytes], start: bytes) -> bytes:
    """Join lines that each begin with ``start``, but for those that are empty."""
    first, *rest = lines
    return b"".join([first, *(start + line if line else start.rstrip(b" \t") for line in rest)])


def captures_else(statement: Node) -> bool:
    """Say whether an `if` in the place of the statement would take the `else` of an `if` around it."""
    child = statement
    for parent in ancestors(statement):
        if parent.type == "if_statement" and parent.child_by_field_name("consequence") == child:
            if parent.child_by_field_name("alternative") is not None:
                return True
        elif parent.type not in ("if_statement", "else_clause", "labeled_statement", *LOOPS):
            return False
        child = parent
    return False


def _is_comment_above(comment: Node | None, node: Node) -> bool:
    """Say whether a comment on lines of its own ends on the line above a node."""
    if comment is None or comment.type != "comment" or comment.end_point.row + 1 != node.start_point.row:
        return False
    before = comment.prev_sibling
    return before is None or before.end_point.row < comment.start_point.row


def _is_looser_than_and(expression: Node) -> bool:
    return expression.type in _LOOSER_THAN_AND or operator_of(expression) == "||"


def _is_macro(source: Source, statement: Node) -> bool:
    """Say whether a statement is all in a macro, which may make several of it: only braces hold them together."""
    call = statement.named_children[0] if statement.type == "expression_statement" else None
    function = call.child_by_field_name("function") if call is not None else None
    name = source.text(function) if function is not None else b""
    return _MACRO.fullmatch(name) is not None and not _LOG.fullmatch(name)


def _has_else(statement: Node) -> bool:
    """Say whether a statement shows an `else` outside braces, which would seem to belong to an `if` before it."""
    return any(each.type == "else_clause" for each in walk(statement, lambda node: node.type != "compound_statement"))


def _is_in_block(statement: Node) -> bool:
    return statement.parent is not None and statement.parent.type in BLOCKS


def _is_between(node: Node, first: Node, last: Node) -> bool:
    return first.start_byte <= node.start_byte and node.end_byte <= last.end_byte
