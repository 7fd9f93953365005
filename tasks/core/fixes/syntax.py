"""
C++ source as templates see it: a syntax tree over the unchanged bytes, and how the file is laid out.

tree-sitter knows no preprocessor. Macros that derail it are blanked, and types given to macros become names, in a copy
of the same length, so that each node's offsets hold in the original; texts are always read from the original.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property

import re2
import tree_sitter_cpp
from tree_sitter import Language, Node, Parser, Query, QueryCursor

from tasks.core.fixes.compiled import without_compiled_out

_LANGUAGE = Language(tree_sitter_cpp.language())

# An export macro between the keyword and the name of a class: `class TC_GAME_API Player`.
_CLASS_MACRO = re2.compile(
    rb"\b(?:class|struct|union)\s+((?:[A-Z][A-Z0-9_]*[A-Z0-9](?:\([^()\n]*\))?\s+)+)[A-Za-z_][\w:]*(?:\s+final\b)?\s*[:{;<]"
)
# A macro first in a class, without a semicolon: `Q_OBJECT`.
_FIRST_IN_CLASS = re2.compile(
    rb"\b(?:class|struct)\s[^;{}()]*\{\s*([A-Z][A-Z0-9_]*[A-Z0-9](?:\([^()\n]*\))?)[ \t]*\r?\n"
)
# A macro at the start of a declaration, before at least a type and a name: `TC_GAME_API void Foo(`.
_DECLARATION_MACRO = re2.compile(
    rb"(?m)^[ \t]*(?:(?:static|inline|extern|virtual|friend|explicit)[ \t]+)*([A-Z][A-Z0-9_]*_[A-Z0-9]+[ \t]+)"
    rb"(?:(?:const|static|inline|extern|virtual|constexpr|unsigned|signed)[ \t]+)*"
    rb"((?:[A-Za-z_][\w:]*(?:<[^;{}()\n]*>)?[ \t*&]+)+)~?[A-Za-z_][\w:~]*[ \t]*[(;={\[]"
)
# Before a keyword that can't follow a type, any such word is a macro: `NOINLINE static int Foo(`.
_KEYWORD_MACRO = re2.compile(
    rb"(?m)^[ \t]*((?:[A-Z][A-Z0-9_]*[A-Z0-9][ \t]+)+)"
    rb"(?:static|inline|virtual|extern|explicit|friend|constexpr|template|void|bool|int|char|float|double|unsigned|auto)\b"
)
# A macro alone on its line between statements, without arguments: `TRACE_CALL`. One that may lock or branch stays.
_MACRO_LINE = re2.compile(
    rb"(?m)[;{}][ \t]*(?://[^\n]*)?\r?\n[ \t]*([A-Z][A-Z0-9]*_[A-Z0-9_]+)[ \t]*\r?\n[ \t]*[A-Za-z_]"
)
# A type as the first argument of a macro, which no expression can be: `AI_VALUE2(bool, "has aura", name)`.
_TYPE_ARGUMENT = re2.compile(
    rb"\b[A-Z][A-Z0-9_]*[A-Z0-9]\("
    rb"((?:const[ \t]+|unsigned[ \t]+)*(?:[A-Za-z_]\w*::)*[A-Za-z_]\w*(?:<[^;{}()\"\n]*>)?[ \t*&]*),"
)
# A variable that is made of one constant, which reads like a function's declaration: `WorldPacket data(CMSG_PING);`.
_MADE_OF_CONSTANT = re2.compile(
    rb"(?m)^[ \t]+(?:const[ \t]+)?(?:[A-Za-z_]\w*::)*[A-Z]\w*[a-z]\w*[ \t]+[a-z_]\w*(\()(?:\w+::)*[A-Z][A-Z0-9_]+(\));"
)
_NO_EXPRESSION = re2.compile(
    rb"\b(?:bool|char|short|int|long|float|double|unsigned|signed|void|auto)\b|const[ \t]|[>*&][ \t]*$"
)
_MEANINGFUL = re2.compile(rb"LOCK|GUARD|BEGIN|END|TRY|CATCH|IF|FOR|SWITCH|CASE|ELSE|WHILE|RETURN|UNLESS|ASSERT|CHECK")
_QUALIFIERS = frozenset({b"const", b"volatile", b"return", b"else", b"case", b"new", b"delete", b"throw", b"goto"})

STATEMENTS = frozenset(
    f"{name}_statement"
    for name in (
        *("expression", "return", "if", "while", "do", "for", "switch", "throw", "try", "goto", "break", "continue"),
        *("co_return", "co_yield", "labeled", "case", "compound", "attributed", "seh_try", "seh_leave"),
    )
) | {"declaration", "for_range_loop", "field_initializer_list", "static_assert_declaration", "preproc_call"}
LOOPS = frozenset({"for_statement", "for_range_loop", "while_statement", "do_statement"})
BLOCKS = frozenset(
    {"compound_statement", "case_statement", "preproc_if", "preproc_ifdef", "preproc_else", "preproc_elif"}
)


@dataclass(frozen=True, kw_only=True)
class Source:
    """One parsed file. ``root`` is the tree's root; its offsets count bytes of ``content``."""

    content: bytes
    root: Node

    def text(self, node: Node) -> bytes:
        """Return the original bytes under a node."""
        return self.content[node.start_byte : node.end_byte]

    def line_start(self, offset: int) -> int:
        """Return the offset at which the line of ``offset`` begins."""
        return self.content.rfind(b"\n", 0, offset) + 1

    def indent(self, offset: int) -> bytes:
        """Return the white space at the start of the line of ``offset``."""
        line = self.content[self.line_start(offset) : offset]
        return line[: len(line) - len(line.lstrip(b" \t"))]

    def starts_line(self, node: Node) -> bool:
        """Say whether only white space stands before the node on its line."""
        return not self.content[self.line_start(node.start_byte) : node.start_byte].strip(b" \t")

    @cached_property
    def _found(self) -> dict[tuple[str, ...], list[Node]]:
        return {}

    def nodes(self, *types: str) -> list[Node]:
        """Return the nodes of these types in the whole file as ``of_type`` does; asked again it costs nothing."""
        if types not in self._found:
            self._found[types] = of_type(self.root, *types)
        return self._found[types]

    @cached_property
    def compiled(self) -> bytes:
        """The bytes with white space for what no compiler sees: the text to search for declarations and uses."""
        return without_compiled_out(self.content)

    @cached_property
    def newline(self) -> bytes:
        """The line end that most lines of the file have."""
        return b"\r\n" if self.content.count(b"\r\n") * 2 > self.content.count(b"\n") else b"\n"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a function is written: the step of indentation, and where braces stand."""

    unit: bytes
    braces_single: bool
    own_line_braces: bool


def parse(content: bytes) -> Source:
    """Parse a file. Never fails: what is no C++ becomes ERROR nodes."""
    return Source(content=content, root=Parser(_LANGUAGE).parse(plain(content)).root_node)


def plain(content: bytes) -> bytes:
    """Return a copy of equal length that parses better: ASCII only, without derailing macros and dead branches."""
    text = bytearray(without_compiled_out(content).translate(_TO_ASCII))
    for expression in (_CLASS_MACRO, _FIRST_IN_CLASS, _KEYWORD_MACRO, _DECLARATION_MACRO):
        for found in expression.finditer(bytes(text)):
            if expression is _DECLARATION_MACRO and not set(found.group(2).split()) - _QUALIFIERS:
                continue
            start, end = found.span(1)
            text[start:end] = b" " * (end - start)
    for found in _MACRO_LINE.finditer(bytes(text)):
        if not _MEANINGFUL.search(found[1]):
            start, end = found.span(1)
            text[start:end] = b" " * (end - start)
    for found in _MADE_OF_CONSTANT.finditer(bytes(text)):
        text[found.start(1)], text[found.start(2)] = ord("{"), ord("}")
    for found in _TYPE_ARGUMENT.finditer(bytes(text)):
        if _NO_EXPRESSION.search(found[1]):
            start, end = found.span(1)
            text[start:end] = b"x" * (end - start)
    return bytes(text)


# A NUL ends tree-sitter's lexer; a byte of another encoding can only stand in names, strings and comments.
_TO_ASCII = bytes([32, *range(1, 128), *[ord("x")] * 128])


def walk(node: Node, enter: Callable[[Node], bool] = lambda _: True) -> Iterator[Node]:
    """Yield a node and what is below it, in the order of the source; nodes that ``enter`` declines stay closed."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        if enter(current):
            pending.extend(reversed(current.children))


def of_type(node: Node, *types: str, span: tuple[int, int] | None = None) -> list[Node]:
    """
    Return the nodes of these types among a node and what is below it, in the order of the source, outer ones first.

    ``span`` limits them to those that share a byte with it. The parser's own search takes a fifth of the time of
    ``walk``, which counts where a whole file is looked through.
    """
    cursor = QueryCursor(_query(types))
    if span is not None:
        cursor.set_byte_range(*span)
    found = cursor.captures(node).get("found", [])
    return sorted(found, key=lambda each: (each.start_byte, -each.end_byte))


@cache
def _query(types: tuple[str, ...]) -> Query:
    return Query(_LANGUAGE, "[" + " ".join(f"({each})" for each in types) + "] @found")


def ancestors(node: Node, end: Node | None = None) -> Iterator[Node]:
    """Yield the nodes around a node, from the inside, up to and including ``end``."""
    current = node.parent
    while current is not None:
        yield current
        if current == end:
            return
        current = current.parent


def field(node: Node, name: str) -> Node | None:
    """Return the child in a field, without the parentheses around it."""
    child = node.child_by_field_name(name)
    return bare(child) if child is not None else None


def bare(node: Node) -> Node:
    """Return an expression without the parentheses around it."""
    while node.type in ("parenthesized_expression", "condition_clause"):
        inner = [child for child in node.named_children if child.type != "comment"]
        value = node.child_by_field_name("value") or (inner[0] if len(inner) == 1 else None)
        if value is None:
            break
        node = value
    return node


def is_statement(node: Node) -> bool:
    """Say whether a node is a statement of its own, not the declaration in the head of another one."""
    if node.type not in STATEMENTS:
        return False
    parent = node.parent
    if parent is None or node.type != "declaration":
        return True
    in_head = parent.type in ("condition_clause", "init_statement")
    return not in_head and not (parent.type == "for_statement" and parent.child_by_field_name("initializer") == node)


def statement_of(node: Node) -> Node | None:
    """Return the innermost statement around a node, or the node itself."""
    return next((each for each in (node, *ancestors(node)) if is_statement(each)), None)


def function_at(source: Source, line: int) -> Node | None:
    """
    Return the function definition that holds a line, counted from 1.

    A macro with a block looks like a function within a function; it does not count as one.
    """
    lines_start = _offset_of_line(source.content, line)
    if lines_start is None:
        return None
    text = source.content[lines_start:].partition(b"\n")[0]
    offset = lines_start + len(text) - len(text.lstrip())
    found = None
    node = source.root.descendant_for_byte_range(offset, max(offset, lines_start + len(text.rstrip()) - 1))
    for each in (node, *ancestors(node)) if node else ():
        if each.type == "function_definition" and each.child_by_field_name("body") is not None:
            found = each
        elif each.type in ("class_specifier", "struct_specifier", "union_specifier") and found:
            break
    return found


def functions_on(source: Source, line: int) -> list[Node]:
    """Return the functions that begin and end on one line: short members of a class often share it."""
    row = line - 1
    return [
        node
        for node in walk(source.root, lambda each: each.start_point.row <= row <= each.end_point.row)
        if node.type == "function_definition" and node.start_point.row == row == node.end_point.row
    ]


def _offset_of_line(content: bytes, line: int) -> int | None:
    offset = 0
    for _ in range(line - 1):
        offset = content.find(b"\n", offset) + 1
        if not offset:
            return None
    return offset


def body_of(scope: Node) -> Node | None:
    """Return the block of a function or a lambda, that of the `try` where the function's body is one."""
    body = scope.child_by_field_name("body")
    if body is not None and body.type == "try_statement":
        return body.child_by_field_name("body")
    return body


def statements(scope: Node) -> Iterator[Node]:
    """Yield the statements of a function or lambda, in order, without those of the lambdas in it."""
    return (
        node
        for node in walk(scope, lambda each: each == scope or each.type != "lambda_expression")
        if is_statement(node)
    )


def own_nodes(statement: Node) -> Iterator[Node]:
    """Yield the nodes of a statement that are not part of another statement or lambda in it."""
    return walk(
        statement, lambda node: node == statement or not (is_statement(node) or node.type == "lambda_expression")
    )


def own_rows(statement: Node) -> range:
    """Return the rows, counted from 0, of a statement's own text: for a loop those of its head."""
    body = statement.child_by_field_name("body") or statement.child_by_field_name("consequence")
    if statement.type == "do_statement":
        body = statement.child_by_field_name("condition")
        return range(body.start_point.row, body.end_point.row + 1) if body else range(0)
    end = body.prev_sibling if body else None
    return range(statement.start_point.row, (end or statement).end_point.row + 1)


def is_broken(statement: Node, scope: Node) -> bool:
    """Say whether the parser failed in a statement's own text, beside it, or around it."""
    parent = statement.parent
    beside = [
        statement.prev_sibling,
        statement.next_sibling,
        *(parent.children if parent and parent.type not in BLOCKS else []),
    ]
    near = [*own_nodes(statement), *filter(None, beside)]
    return any(each.is_error or each.is_missing for each in near) or any(
        each.is_error for each in ancestors(statement, scope)
    )


def count_errors(source: Source) -> int:
    """Return how often the parser failed in a file."""
    return sum(each.is_error or each.is_missing for each in walk(source.root, lambda node: node.has_error))


def layout(source: Source, scope: Node) -> Layout:
    """Read the layout of a function, and of the whole file where the function does not show it."""
    body = body_of(scope) or scope
    return Layout(
        unit=_unit(source, body),
        braces_single=_braces_single(scope, source.root),
        own_line_braces=_own_line_braces(source, body),
    )


def _own_line_braces(source: Source, body: Node) -> bool:
    """Say whether the blocks of statements open on a line of their own; without any, whether the function's does."""
    heads = ("if_statement", "else_clause", *LOOPS)
    blocks = [
        each for each in walk(body) if each.type == "compound_statement" and each.parent and each.parent.type in heads
    ]
    return source.starts_line(blocks[0] if blocks else body)


def _unit(source: Source, body: Node) -> bytes:
    outer = source.indent(body.start_byte)
    for child in body.named_children:
        inner = source.indent(child.start_byte)
        if source.starts_line(child) and inner.startswith(outer) and len(inner) > len(outer):
            return inner[len(outer) :]
    return b"\t" if b"\n\t" in source.content else b"    "


def _braces_single(*places: Node) -> bool:
    """Say whether most bodies of one statement stand in braces, in the first of the places that has any."""
    for place in places:
        bodies = [node.child_by_field_name("consequence") for node in of_type(place, "if_statement")]
        braced = sum(
            body is not None and body.type == "compound_statement" and body.named_child_count == 1 for body in bodies
        )
        unbraced = sum(body is not None and body.type != "compound_statement" for body in bodies)
        if braced or unbraced:
            return braced > unbraced
    return False


def indented(text: bytes, unit: bytes) -> bytes:
    """Move every line after the first one step to the right, except empty lines and preprocessor lines."""
    first, *rest = text.split(b"\n")
    return b"\n".join([first, *(_moved(line, unit) for line in rest)])


def _moved(line: bytes, unit: bytes) -> bytes:
    content = line.lstrip(b" \t")
    if not content.strip() or content.startswith(b"#"):
        return line
    return line[: len(line) - len(content)] + unit + content
