"""
What a turn of a loop does for the turns after it, and for what was said of them before.

A turn that is left early must still bring the loop closer to its end, must step what counts along with it, and must
write as many elements as were announced.
"""

from collections.abc import Collection, Iterator, Sequence

import re2
from tree_sitter import Node

from tasks.core.fixes.calls import base_name
from tasks.core.fixes.declared import declared_type, is_declared_within
from tasks.core.fixes.expressions import called_name, operator_of
from tasks.core.fixes.guards import earlier_statements, exits, later_statements
from tasks.core.fixes.reliance import LOG, is_number
from tasks.core.fixes.syntax import Source, ancestors, bare, of_type, own_nodes, statements, walk

_PROGRESS = re2.compile(
    rb"(?i)(?:get_?|take_?|find_?)?(?:next|pop|fetch|read|try|wait|poll|recv|advance|getline|dequeue|consume|erase)\w*"
)
_ASKS = re2.compile(
    rb"c?r?begin|c?r?end|front|back|top|size|length|empty|count|find|at|data|first|second|contains|next|prev|distance"
    rb"|(?:lower|upper)_bound|(?:get|is|has|peek|find|select|lookup|to)(?:[A-Z_]\w*)?"
    rb"|(?:Get|Is|Has|Peek|Find|Select|Lookup|Can|To)(?:[A-Z_]\w*)?"
)
"""Methods and functions that change neither their object nor what they are given."""

_TAKES = re2.compile(rb"(?i)pop(?:_front|_back|front|back)?|(?:move_?)?next|advance|step|rotate")
_GROWS = re2.compile(rb"(?i)(?:append|write|put|push|emplace|add|insert|send|set|bind|store)\w*")
_MAKES_ROOM = re2.compile(rb"(?i)reserve|resize|initiali[sz]e|clear|assign")
_SIZE = re2.compile(rb"(?i)size|length|count\w*|distance|get\w*(?:size|count|num\w*)|num\w*")
_NUMBER_NAME = re2.compile(
    rb"(?i)(?:.*_)?(?:n|num|count|size|amount|total|len|length)|\w*(?:Count|Size|Num|Amount|Total|Length)"
)
_CHANGES = ("assignment_expression", "update_expression", "call_expression")


def goes_on(source: Source, loop: Node, skipped: range, left_at: Node | None = None) -> bool:
    """
    Say whether a loop comes closer to its end in a turn that leaves out the statements in a span of bytes.

    It does by a range or an update in its head, or when its condition moves something. A condition that only looks
    needs another statement that changes what it looks at, and an endless loop one that leaves it. ``left_at`` is the
    statement before which the whole turn ends: what goes on must then have run before it, on every way.
    """
    if loop.type == "for_range_loop" or loop.child_by_field_name("update") is not None:
        return True
    condition = loop.child_by_field_name("condition")
    looked_at = list(walk(condition)) if condition is not None else []
    if any(_moves(source, node) for node in looked_at):
        return True
    if loop.type == "do_statement" and condition is not None and source.text(bare(condition)) in (b"false", b"0"):
        return True
    seen = {source.text(node) for node in looked_at if node.type in ("identifier", "field_identifier")}
    if left_at is None:
        others = [each for each in statements(loop) if each.start_byte not in skipped and each != loop]
        if not seen:
            return any(exits(each) for each in others)
        return any(_changed(source, node, loop) & seen for each in others for node in own_nodes(each))
    others = [each for each in earlier_statements(left_at, loop) if each.start_byte > loop.start_byte]
    plain = [node for each in others if each.type in ("expression_statement", "declaration") for node in walk(each)]
    if not seen:
        asked = [
            each for each in others if each.type == "if_statement" and exits(each.child_by_field_name("consequence"))
        ]
        plain += [node for each in asked for node in walk(each.child_by_field_name("condition") or each)]
        seen = set().union(*(_names(source, each.child_by_field_name("condition") or each) for each in asked))
    return any(_moves(source, node) and node.type == "call_expression" for node in plain) or any(
        _changed(source, node, loop) & seen for node in plain
    )


def _moves(source: Source, node: Node) -> bool:
    if node.type in ("assignment_expression", "update_expression", "declaration"):
        return True
    function = node.child_by_field_name("function") if node.type == "call_expression" else None
    if function is None or source.text(function).startswith(b"std::"):
        return False
    return _PROGRESS.fullmatch(called_name(source, function)) is not None


def _changed(source: Source, node: Node, loop: Node) -> set[bytes]:
    """Return the names that a node of an expression may give another value, as far as it shows."""
    if node.type == "update_expression":
        return _names(source, node)
    if node.type == "assignment_expression":
        left = node.child_by_field_name("left")
        return _names(source, left) if left is not None else set()
    function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if node.type != "call_expression" or function is None or given is None:
        return set()
    name, outer = called_name(source, function), node.parent
    is_asked = outer is None or outer.type != "expression_statement"
    if _ASKS.fullmatch(name) or (is_asked and (_PROGRESS.fullmatch(name) is None or _is_link(function, name))):
        return set()
    found = set()
    if function.type == "field_expression":
        found = _names(source, function.child_by_field_name("argument") or function)
    for each in given.named_children:
        kind = declared_type(source, source.text(each), each, _function(loop)) if each.type == "identifier" else None
        if not (kind and is_number(kind)):
            found |= _names(source, each)
    return found


def _is_link(function: Node, name: bytes) -> bool:
    """Say whether a call reads the link of a list, ``node->Next()``, which moves nothing by itself."""
    return name.lower().endswith(b"next") and operator_of(function) == "->"


def changed_in(source: Source, loop: Node) -> set[bytes]:
    """Return the names that a turn of a loop may give another value, as far as it shows."""
    head = loop.child_by_field_name("update")
    found = (_changed(source, node, loop) for each in statements(loop) if each != loop for node in own_nodes(each))
    return set().union(*found, *(_changed(source, node, loop) for node in (walk(head) if head is not None else ())))


def _names(source: Source, node: Node) -> set[bytes]:
    inner = walk(node, lambda each: each.type not in ("subscript_argument_list", "lambda_expression"))
    return {source.text(each) for each in inner if each.type in ("identifier", "field_identifier")}


def _function(node: Node) -> Node:
    kinds = ("function_definition", "lambda_expression")
    return next((each for each in ancestors(node) if each.type in kinds), node)


def step_behind(source: Source, loop: Node, statement: Node) -> Node | None:
    """
    Return a step behind a statement that a turn makes for all others, such as ``++row;``; None without one.

    What is stepped was made outside the loop, and the loop uses it for more than to compare it: a mere tally of what
    was handled is no step.
    """
    body = loop.child_by_field_name("body")
    for each in later_statements(statement, loop):
        if not each.end_byte <= loop.end_byte or each.type != "expression_statement" or not each.named_children:
            continue
        target = _stepped(source, each.named_children[0]) or _stepped_within(each)
        if target is None or body is None or target.type not in ("identifier", "field_expression"):
            continue
        name = source.text(target)
        if is_declared_within(source, base_name(source, target).removeprefix(b"this->"), target, body):
            continue
        if not _is_index(target) and _is_gathered(source, each.named_children[0], body):
            continue
        others = (node for node in walk(body) if node.type == target.type and source.text(node) == name)
        if _is_index(target) or any(not _is_within(node, each) and not _is_compared(node) for node in others):
            return each
    return None


def _stepped(source: Source, expression: Node) -> Node | None:
    """Return what an expression moves on by a step: ``++x``, ``x += 2``, ``x = x + 1``, ``advance(x, 1)``."""
    if expression.type == "update_expression":
        target = expression.child_by_field_name("argument")
        return bare(target) if target is not None else None
    left, right = expression.child_by_field_name("left"), expression.child_by_field_name("right")
    if expression.type == "assignment_expression" and left is not None and right is not None:
        if operator_of(expression) in ("+=", "-="):
            return left if right.type in ("number_literal", "sizeof_expression", "identifier") else None
        return left if _names(source, left) <= _names(source, right) else None
    function, given = expression.child_by_field_name("function"), expression.child_by_field_name("arguments")
    if function is not None and function.type == "field_expression" and _TAKES.fullmatch(called_name(source, function)):
        return function.child_by_field_name("argument")
    is_advance = function is not None and called_name(source, function) == b"advance"
    return given.named_children[0] if is_advance and given is not None and given.named_children else None


def _is_gathered(source: Source, expression: Node, body: Node) -> bool:
    """Say whether an assignment adds what the turn itself has found, and so is no step that all turns make."""
    right = expression.child_by_field_name("right")
    names = [each for each in walk(right) if each.type == "identifier"] if right is not None else []
    return any(is_declared_within(source, source.text(each), each, body) for each in names)


def _stepped_within(statement: Node) -> Node | None:
    """Return what a statement steps while it uses it as an index: ``rows[i++] = x``."""
    found = (each.child_by_field_name("argument") for each in of_type(statement, "update_expression"))
    return next((each for each in found if each is not None and _is_index(each)), None)


def _is_index(node: Node) -> bool:
    return any(each.type == "subscript_argument_list" for each in ancestors(node))


def _is_compared(node: Node) -> bool:
    parent = node.parent
    return parent is not None and operator_of(parent) in ("<", ">", "<=", ">=", "==", "!=", "!", "&&", "||")


def _is_within(node: Node, outer: Node) -> bool:
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte


def announced(source: Source, loop: Node, skipped: Sequence[Node], scope: Node) -> Node | None:
    """
    Return the statement before a loop that says how many elements the loop writes, as the skipped ones do.

    Both write to one object: a packet, a report. A number that is put in behind the loop and counted in it is right
    whatever is skipped.
    """
    grown = {
        base
        for each in skipped
        for node in walk(each, lambda node: node.type != "lambda_expression")
        for base in _written(source, node)
    }
    if not grown:
        return None
    counts = _counts(source, scope, loop.start_byte)
    counted = {name for each in skipped for node in walk(each) for name in _tallied(source, node)}
    behind = [each for each in later_statements(loop, scope) if each.start_byte >= loop.end_byte]
    for each in (*earlier_statements(loop, scope), *behind):
        if each.type != "expression_statement" or not each.named_children or LOG.match(source.text(each)):
            continue
        expression = each.named_children[0]
        if grown & set(_written(source, expression, of_number=True)) and _says_number(source, expression, counts):
            names = _names(source, expression)
            is_put_later = any(counted & _names(source, later) and grown & _names(source, later) for later in behind)
            if not is_put_later and not counted & names:
                return each
    return None


def unpaired(source: Source, loop: Node, statement: Node, skipped: Sequence[Node]) -> Node | None:
    """Return the call that gives another list its element in a turn, while the skipped ones give theirs; or None."""
    appended = {base for each in skipped for base in _appended(source, each)}
    others = [*earlier_statements(statement, loop), *later_statements(statement, loop)]
    for each in others if appended else ():
        is_inside = loop.start_byte < each.start_byte < loop.end_byte
        is_own = is_inside and each not in skipped and each.type == "expression_statement"
        if is_own and set(_appended(source, each)) - appended:
            return each
    return None


def measured(source: Source, skipped: Sequence[Node], scope: Node) -> bytes | None:
    """Return the list that skipped statements append to and whose size the function compares with another number."""
    text = source.text(scope)
    for base in (name for each in skipped for name in _appended(source, each) if name.isascii()):
        size = rb"\b%b\s*(?:\.|->)\s*size\(\)" % re2.escape(base)
        if re2.search(rb"%b\s*[!=]=|[!=]=\s*%b" % (size, size), text):
            return base
    return None


def _appended(source: Source, statement: Node) -> Iterator[bytes]:
    for call in of_type(statement, "call_expression"):
        function = call.child_by_field_name("function")
        if function is not None and called_name(source, function) in (b"push_back", b"emplace_back"):
            yield source.text(function.child_by_field_name("argument") or function)


def halfway(source: Source, earlier: Sequence[Node], skipped: Sequence[Node]) -> Node | None:
    """Return the earlier statement that wrote the first part of what skipped ones would write on; None without one."""
    goals = {
        base
        for each in skipped
        for node in walk(each, lambda node: node.type != "lambda_expression")
        for base in _written(source, node)
    }
    for each in earlier:
        inner = walk(each, lambda node: node.type != "lambda_expression")
        is_plain = each.type != "declaration" and not LOG.match(source.text(each))
        if is_plain and any(base in goals for node in inner for base in _streamed(source, node)):
            return each
    return None


def _streamed(source: Source, node: Node) -> Iterator[bytes]:
    function = node.child_by_field_name("function") if node.type == "call_expression" else None
    name = called_name(source, function) if function is not None else b""
    if operator_of(node) == "<<" or re2.fullmatch(rb"append|Write[A-Z]?\w*", name):
        yield from _written(source, node)


def _tallied(source: Source, node: Node) -> Iterator[bytes]:
    target = node.child_by_field_name("argument") if node.type == "update_expression" else None
    if node.type == "assignment_expression" and operator_of(node) == "+=":
        target = node.child_by_field_name("left")
    if target is not None and target.type == "identifier":
        yield source.text(target)


def _written(source: Source, node: Node, *, of_number: bool = False) -> Iterator[bytes]:
    """Yield the variables into which an expression writes an element, or their number: ``data << x``, ``f(data)``."""
    if operator_of(node) == "<<":
        inner = node
        while operator_of(inner) == "<<":
            inner = inner.child_by_field_name("left") or inner
        yield base_name(source, inner)
    elif node.type == "call_expression":
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or given is None:
            return
        name = called_name(source, function)
        if _MAKES_ROOM.fullmatch(name):
            return
        if function.type == "field_expression" and (_GROWS.fullmatch(name) or of_number):
            yield base_name(source, function)
        yield from (source.text(each) for each in given.named_children[:1] if each.type == "identifier")
    elif node.type == "assignment_expression" and of_number:
        left = node.child_by_field_name("left")
        if left is not None and left.type == "field_expression":
            yield base_name(source, left)


def _says_number(source: Source, expression: Node, counts: Collection[bytes]) -> bool:
    """Say whether an expression gives the number of elements: by a size, or by a variable that was counted."""
    for each in walk(expression):
        function = each.child_by_field_name("function") if each.type == "call_expression" else None
        if function is not None and _SIZE.fullmatch(called_name(source, function)):
            return True
        name = source.text(each) if each.type == "identifier" else b""
        if name and (_NUMBER_NAME.fullmatch(name) or name in counts):
            return True
    return False


def _counts(source: Source, scope: Node, end: int) -> set[bytes]:
    """Return the variables that a function counts up, or makes from the size of something, before an offset."""
    found = set()
    for node in of_type(scope, "update_expression", "assignment_expression", "init_declarator"):
        if node.end_byte > end:
            continue
        target = node.child_by_field_name("argument") or node.child_by_field_name("left")
        target = target or node.child_by_field_name("declarator")
        value = node.child_by_field_name("right") or node.child_by_field_name("value")
        calls = (each.child_by_field_name("function") for each in walk(value)) if value is not None else ()
        if target is not None and (
            node.type == "update_expression"
            or operator_of(node) == "+="
            or any(
                _SIZE.fullmatch(called_name(source, each).removesuffix(b"_if")) for each in calls if each is not None
            )
        ):
            found.add(source.text(target).lstrip(b"&* "))
    return found
