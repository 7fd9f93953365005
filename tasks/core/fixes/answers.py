"""
The value with which a function gives up early, and what its other answers say.

A function that tells its failures itself, where it tests a pointer for null, is taken by its word. Else the value that
stands for nothing in its type is taken, unless the function shows that this one would be understood as success.
"""

from collections.abc import Iterable, Iterator

import re2
from tree_sitter import Node

from tasks.core.errors import RefusalError
from tasks.core.fixes.calls import function_name
from tasks.core.fixes.declared import is_local, local_form
from tasks.core.fixes.expressions import called_name, operator_of
from tasks.core.fixes.guards import earlier_statements, later_statements
from tasks.core.fixes.reliance import MEMBER
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import Source, bare, of_type, statements, walk

_ZERO = frozenset(
    f"{sign}{size}{suffix}".encode() for sign in ("int", "uint") for size in (8, 16, 32, 64) for suffix in ("", "_t")
) | {b"int", b"char", b"short", b"long", b"float", b"double", b"size_t", b"time_t", b"ssize_t", b"ptrdiff_t"}
_EMPTY = frozenset(
    f"std::{name}".encode()
    for name in (
        *("string", "wstring", "string_view", "vector", "list", "deque", "array", "map", "set", "multimap", "multiset"),
        *("unordered_map", "unordered_set", "optional", "pair", "tuple", "span", "bitset", "queue", "stack"),
    )
)
_POINTERS = (b"std::unique_ptr", b"std::shared_ptr")
_NULLS = (b"nullptr", b"NULL")
_LOGICAL = ("&&", "||", "!", "==", "!=")

_CONSTANT = re2.compile(
    rb"-?[\d.][\w.]*|(?:\w+::)*\w*[A-Z]\w*(?:\(\))?|nullptr|true|false|\{\}|\"\"|std::numeric_limits<[\w: ]+>::\w+\(\)"
)
_NO_NUMBER = re2.compile(
    rb"-[\d.]\w*|std::numeric_limits<.*|(?i:\w*(?:max|infinity|invalid|none|null|npos|unknown|not_?found|no_|fail|err)\w*)"
)
"""Constants by which a function says that it has no number to give."""

_ZERO_MEANS = re2.compile(
    rb"(?i)\w*(?:dist(?:ance)?|index|idx|slot|offset|compare)(?:[A-Z_]\w*)?|\w*Distance\w*|Find\w*"
)
"""Names of functions whose zero is an answer: here, the first one, equal."""

_COUNTS = re2.compile(rb"(?i)(?:get|count|calc|compute|num|sum|total|max|min|select)\w*")
DONE = re2.compile(rb"(?i)(?:.*(?:_|::))?(?:ok|okay|success|succeeded|no_?errors?)|true")
"""Answers that tell of success."""

_SORTS = re2.compile(
    rb"(?i)(?:stable_|partial_)?sort\w*|nth_element|(?:min|max|minmax)_element|\w+_heap|(?:lower|upper)_bound"
)
_ORDERS = re2.compile(rb"operator\(\)|operator<|(?i:\w*(?:less|compare|sort|order|before|greater|pred)\w*)")
_BAD_TARGETS = b"SPELL_FAILED_BAD_TARGETS"
"""What the cores' spells answer where a unit that they need is not there."""

_TIMES = (b"uint64", b"uint32", b"std::uint64_t", b"std::uint32_t", b"uint64_t", b"uint32_t")
_ADDS = re2.compile(rb"(?:Add|Schedule|Queue|Push)\w*")


def giving_up(site: Site, statement: Node) -> bytes:
    """
    Return the `return` with which the function gives up before a statement.

    Raises:
        RefusalError: the function can't return there, or no value of its own stands for that.
    """
    source, scope = site.source, site.scope
    if any(node.type.startswith("co_") for node in walk(scope)):
        raise RefusalError("The function is a coroutine, which has no plain return.")
    declarator = scope.child_by_field_name("declarator")
    if scope.type == "lambda_expression":
        return _lambda_return(source, scope, declarator)
    if declarator is None or any(node.type == "destructor_name" for node in walk(declarator)):
        raise RefusalError("The function is a destructor: what follows must run.")
    if never_returns(source, scope):
        raise RefusalError("The function never returns, so nothing may return from it.")
    kind = scope.child_by_field_name("type")
    if kind is None and declarator.type == "function_declarator":
        if (unset := _set_member(source, [statement, *later_statements(statement, scope)])) is not None:
            raise RefusalError(f"Leaving the constructor early would leave `{show(unset)}` as it is.")
        return b"return;"
    if is_event(source, scope):
        return _event_return(source, scope, statement)
    return _value_of(source, scope, kind, declarator)


def _set_member(source: Source, following: Iterable[Node]) -> bytes | None:
    """Return the first member that statements give a value."""
    for each in following:
        for node in of_type(each, "assignment_expression"):
            left = node.child_by_field_name("left")
            base = left.child_by_field_name("argument") if left is not None else None
            if (
                left is not None
                and (base is None or base.type == "this")
                and MEMBER.fullmatch(called_name(source, left))
            ):
                return called_name(source, left)
    return None


def check_not_ordering(site: Site) -> None:
    """
    Check that the function does not say which of two comes first.

    Raises:
        RefusalError: it does, and an answer for one without the other would give no order.
    """
    source, scope = site.source, site.scope
    declarator, call = scope.child_by_field_name("declarator"), None
    if scope.type == "lambda_expression" and scope.parent is not None and scope.parent.parent is not None:
        call = scope.parent.parent.child_by_field_name("function")
    given = declarator.child_by_field_name("parameters") if declarator is not None else None
    kinds = [
        source.text(each.child_by_field_name("type") or each)
        for each in (given.named_children if given is not None else ())
        if each.type == "parameter_declaration"
    ]
    kind = scope.child_by_field_name("type")
    is_pair = len(kinds) == 2 and kinds[0] == kinds[1]
    is_sorter = call is not None and _SORTS.fullmatch(called_name(source, call)) is not None
    name = function_name(source, scope).rpartition(b"::")[2] if scope.type == "function_definition" else b""
    is_named = kind is not None and source.text(kind) == b"bool" and _ORDERS.fullmatch(name) is not None
    if is_pair and (is_sorter or is_named):
        raise RefusalError(f"{site} is in a function that orders two, which needs an answer for each pair.")


def never_returns(source: Source, scope: Node, others: Iterable[Source] = ()) -> bool:
    """Say whether an attribute or a macro says that a function does not return, where it is defined or declared."""
    body, before = scope.child_by_field_name("body"), scope.prev_sibling
    if scope.type != "function_definition" or body is None:
        return False
    # The macro before a function is no part of its node: it was blanked for the parser.
    start = max(before.end_byte if before is not None else 0, scope.start_byte - 80)
    if b"noreturn" in source.content[start : body.start_byte].lower():
        return True
    name = re2.escape(function_name(source, scope).rpartition(b"::")[2].decode("utf-8", "replace"))
    declared = re2.compile(
        rf"(?i)noreturn[^;{{}}()]*(?:\)\)|\]\])?[^;{{}}()]*\b{name}\s*\(|\b{name}\s*\([^;{{}}]*\)[^;{{}}]*noreturn".encode()
    )
    texts = [each.content for each in (source, *others) if b"noreturn" in each.content.lower()]
    return bool(name) and any(declared.search(each) for each in texts)


def answer_of(source: Source, body: Node | None) -> bytes:
    """Return the value that a body, which ends in a `return`, gives the caller; empty without one."""
    inner = [each for each in body.named_children if each.type != "comment"] if body is not None else []
    last = inner[-1] if body is not None and body.type == "compound_statement" and inner else body
    return source_of(source, last) if last is not None and last.type == "return_statement" else b""


def source_of(source: Source, statement: Node | None) -> bytes:
    """Return the value of a `return` as its source spells it; empty without one."""
    values = [each for each in statement.named_children if each.type != "comment"] if statement is not None else []
    return source.text(values[0]) if values else b""


def own_failure(source: Source, scope: Node) -> bytes | None:
    """
    Return the constant by which the function tells that it failed; None without one.

    That is what it returns wherever it finds a pointer to be null, else its only negative number, where 0 is its end.
    """
    found = {value for _, value in _guarded(source, scope) if _is_constant(source, value, scope)}
    values = list(returned(source, scope))
    if not found and values[-1:] == [b"0"]:
        found = {value for value in values if re2.fullmatch(rb"-\d+", value)}
    return found.pop() if len(found) == 1 else None


def is_event(source: Source, scope: Node) -> bool:
    """Say whether a function is the `bool Execute(time, time)` of an event, whose true deletes the event."""
    declarator, kind = scope.child_by_field_name("declarator"), scope.child_by_field_name("type")
    given = declarator.child_by_field_name("parameters") if declarator is not None else None
    named = function_name(source, scope).rpartition(b"::")[2] == b"Execute"
    is_bool = kind is not None and source.text(kind) == b"bool"
    parameters = [each for each in given.named_children if each.type != "comment"] if given is not None else []
    kinds = [each.child_by_field_name("type") for each in parameters]
    return named and is_bool and [each is not None and source.text(each) in _TIMES for each in kinds] == [True, True]


def renewals(source: Source, scope: Node) -> list[Node]:
    """Return the calls with which an event puts itself into the queue again: ``AddEvent(this, ...)``."""
    found = []
    for call in of_type(scope, "call_expression"):
        function, given = call.child_by_field_name("function"), call.child_by_field_name("arguments")
        is_own = given is not None and any(each.type == "this" for each in given.named_children)
        if is_own and function is not None and _ADDS.fullmatch(called_name(source, function)):
            found.append(call)
    return found


def _event_return(source: Source, scope: Node, statement: Node) -> bytes:
    renewed = renewals(source, scope)
    if any(each.start_byte >= statement.start_byte for each in renewed):
        raise RefusalError("The event puts itself into the queue again further on, and would be lost without that.")
    if renewed:
        before = list(earlier_statements(statement, scope))
        if all(any(each.start_byte <= call.start_byte < each.end_byte for each in before) for call in renewed):
            return b"return false;"
        raise RefusalError("Whether the event is in the queue again already is not known at this place.")
    values = {value for value in returned(source, scope) if value in (b"true", b"false")}
    if own_failure(source, scope) != b"true" and values != {b"true"}:
        raise RefusalError("Whether the event may be deleted already is not known at this place.")
    return b"return true;"


def _lambda_return(source: Source, scope: Node, declarator: Node | None) -> bytes:
    if declarator is not None and any(each.type == "trailing_return_type" for each in declarator.named_children):
        return _value_of(source, scope, None, declarator)
    if any(returned(source, scope)):
        own = own_failure(source, scope) or (b"false" if _says_yes_or_no(scope) else None)
        if own is None:
            raise RefusalError("The lambda does not say what type it returns.")
        return b"return %b;" % own
    return b"return;"


def _says_yes_or_no(scope: Node) -> bool:
    """Say whether all that a lambda returns is the answer of a comparison or of a logical operator."""
    values = [each.named_children[0] for each in statements(scope) if each.type == "return_statement"]
    return all(each.type in ("true", "false") or operator_of(bare(each)) in _LOGICAL for each in values)


def is_plain_kind(source: Source, kind: Node) -> bool:
    """Say whether a type is one of the language or its library, and no class or enumeration of the program."""
    plain = _plain(source.text(kind))
    return (
        kind.type in ("sized_type_specifier", "placeholder_type_specifier")
        or plain in (b"void", b"bool", *_POINTERS, *_EMPTY)
        or plain.removeprefix(b"std::") in _ZERO
    )


def _plain(spelled: bytes) -> bytes:
    return b" ".join(spelled.partition(b"<")[0].split()).removeprefix(b"::")


def _value_of(source: Source, scope: Node, kind: Node | None, declarator: Node) -> bytes:
    """Return the `return` with the value that stands for nothing, by the function's word or by the declared type."""
    forms = []
    node: Node | None = declarator
    while node is not None and node.type not in ("function_declarator", "abstract_function_declarator"):
        forms.append(node.type)
        node = node.child_by_field_name("declarator") or (node.named_children[-1] if node.named_children else None)
    trailing = [each for each in node.named_children if each.type == "trailing_return_type"] if node is not None else []
    if trailing and trailing[0].named_children:
        described = trailing[0].named_children[0]
        kind = described.child_by_field_name("type")
        forms = [each.type for each in walk(described) if each.type.startswith("abstract_")]
    spelled = source.text(kind) if kind is not None else b""
    plain = _plain(spelled)
    if plain == b"void" and not forms:
        return b"return;"
    own = own_failure(source, scope)
    if own == b"true" and plain == b"bool":
        raise RefusalError(
            "The function says yes where a pointer is null, and whether that is right here is not known."
        )
    if own is not None and not any("reference" in form for form in forms):
        return b"return %b;" % own
    if any("reference" in form for form in forms):
        raise RefusalError("The function returns a reference, and nothing stands for no object.")
    if any("pointer" in form for form in forms) or plain in _POINTERS:
        return b"return nullptr;"
    if plain == b"bool":
        return b"return false;"
    is_number = kind is not None and kind.type == "sized_type_specifier"
    if is_number or plain.removeprefix(b"std::") in _ZERO:
        return b"return %b;" % _number(source, scope)
    is_cast = plain == b"SpellCastResult" and _BAD_TARGETS in returned(source, scope)
    if plain in _EMPTY or is_cast:
        return b"return %b;" % (_BAD_TARGETS if is_cast else b"{}")
    raise RefusalError(
        f"The function returns `{show(spelled or b'auto')}`, and which of its values means nothing is not known."
    )


def _number(source: Source, scope: Node) -> bytes:
    """Return the number by which a function says that it has none."""
    constants = {each for each in returned(source, scope) if _is_constant(source, each, scope)}
    marks = {each for each in constants if _NO_NUMBER.fullmatch(each)}
    name = function_name(source, scope).rpartition(b"::")[2]
    zeros = {each for each in constants if each.rstrip(b".0fFuUlL") == b"" and b"0" in each}
    if len(marks) == 1 and not any(DONE.fullmatch(each) for each in constants) and not constants - marks - zeros:
        return marks.pop()
    if any(DONE.fullmatch(each) for each in constants):
        raise RefusalError("The zero of the function is its success, and which number means nothing is not known.")
    if marks:
        raise RefusalError("The function has several numbers for failures, and which one fits is not known.")
    if not zeros and _ZERO_MEANS.fullmatch(name):
        raise RefusalError(f"The zero of `{show(name)}` is an answer, and which number means nothing is not known.")
    if zeros and constants - zeros and not _COUNTS.fullmatch(name):
        raise RefusalError(f"The zero of `{show(name)}` may mean success, and which number means nothing is not known.")
    return b"0"


def answers_by_number(site: Site) -> bool:
    """Say whether the function returns a plain number."""
    kind, declarator = site.scope.child_by_field_name("type"), site.scope.child_by_field_name("declarator")
    if kind is None or declarator is None or declarator.type != "function_declarator":
        return False
    return kind.type == "sized_type_specifier" or _plain(site.source.text(kind)).removeprefix(b"std::") in _ZERO


def returned(source: Source, scope: Node) -> Iterator[bytes]:
    """Yield the values that a function returns, as its source spells them."""
    for each in statements(scope):
        if each.type == "return_statement" and (value := source_of(source, each)):
            yield value


def _is_constant(source: Source, value: bytes, scope: Node) -> bool:
    is_variable = re2.fullmatch(rb"[A-Za-z_]\w*", value) is not None and (
        is_local(source, value, scope, scope) or value.startswith((b"m_", b"_", b"s_"))
    )
    return _CONSTANT.fullmatch(value) is not None and not is_variable


def _guarded(source: Source, scope: Node) -> Iterator[tuple[Node, bytes]]:
    """Yield each condition that tests a pointer for null and nothing but returns then, with the value returned."""
    for each in statements(scope):
        body, condition = each.child_by_field_name("consequence"), each.child_by_field_name("condition")
        if each.type != "if_statement" or body is None or condition is None:
            continue
        last = body.named_children[-1] if body.type == "compound_statement" and body.named_children else body
        if last.type == "return_statement" and _tests_null(source, condition, scope):
            yield condition, source_of(source, last)


def _tests_null(source: Source, condition: Node, scope: Node) -> bool:
    """Say whether a condition is true for a null pointer: ``!p``, ``p == nullptr``, ``!p || ...``."""
    node = bare(condition)
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if operator_of(node) == "||" and left is not None and right is not None:
        return _tests_null(source, left, scope) or _tests_null(source, right, scope)
    if operator_of(node) == "==" and right is not None:
        return source.text(right) in _NULLS
    argument = node.child_by_field_name("argument")
    if operator_of(node) != "!" or argument is None:
        return False
    argument = bare(argument)
    name = source.text(argument)
    if argument.type != "identifier":
        return argument.type == "field_expression" and not re2.match(
            rb"(?:m_|_)?is[A-Z]", called_name(source, argument)
        )
    form = local_form(source, name, argument, scope) if is_local(source, name, argument, scope) else None
    return form in ("pointer", "smart") or (form is None and not re2.match(rb"(?:m_|_)?(?:is|has)[A-Z]", name))
