"""
What else in a function hangs on a statement: who is told that it ran, and what is set up for it and undone behind it.

A statement that runs later, or is left out with what follows, must not leave somebody waiting or told too early. Names
are all there is to judge by, so what looks like a callback or a bracket counts as one.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

import re2
from tree_sitter import Node

from tasks.core.fixes.calls import OWN, method_calls, own_calls
from tasks.core.fixes.declared import declared_type, is_local
from tasks.core.fixes.expressions import called_name, declared_name, is_assigned, key_of, operator_of
from tasks.core.fixes.guards import earlier_statements
from tasks.core.fixes.syntax import Source, ancestors, of_type, walk

LOG = re2.compile(rb"(?:[A-Z]+_)?LOG_\w+\s*\(|sLog\b|Log\w*\s*\(")
"""Statements that only tell of an object: nobody acts on them."""

_TELLS = re2.compile(
    rb"set_value\w*|set_exception\w*|notify\w*|emit|signal|fire|trigger|invoke|apply|resolve|reject|reply|respond"
    rb"|count_down|arrive\w*|release|post|publish|dispatch|(?:[Nn]otify|Emit|Signal|Fire|Trigger|Invoke|Publish)\w*"
    rb"|Send\w*(?:Answer|Reply|Response|Result)\w*"
    rb"|(?:Set|Call|Run)(?:Value|Result|Callback\w*)|Call|Complete\w*|Resolve\w*|Reject\w*|Reply\w*|Respond\w*"
)
"""Methods and functions whose call another part of the program waits for."""

MEMBER = re2.compile(rb"[msg]_\w+|_\w+|\w+_")
"""Names of members and globals, as the code styles of the servers spell them."""

_IDENTIFIES = re2.compile(rb"(?i)guid|low|id$|counter$|entry$|key$")
_LISTENER = re2.compile(rb"(?i)\w*(?:callback|handler|listener|observer|continuation|promise|on_?done|on_?finish\w*)")
_WAITED_FOR = re2.compile(
    rb"(?i)callback|promise|function\b|listener|observer|continuation|completion|packaged_task|latch"
)
_GUARD = re2.compile(rb"(?i).*(?:lock|guard|scope|block|saver|restore|raii|defer|finally|sentry|suspend|switcher).*")
_PAIRED = re2.compile(
    rb"^(?:[Bb]egin|[Ee]nd|[Ss]tart|[Ss]top|[Ee]nable|[Dd]isable|[Ee]nter|[Ll]eave|[Pp]ush|[Pp]op|[Ss]uspend|[Rr]esume"
    rb"|[Uu]n|[Rr]e)?(?:[Ll]ock|[Bb]lock|[Mm]ute|[Ss]et)?_?"
)
_TAKES = re2.compile(rb"exchange|test_and_set|compare_exchange\w*|(?i:try_?\w+|begin\w*|start\w*|enter\w*|acquire\w*)")
"""Methods that a condition calls to take something which somebody has to give back."""

_STRIKES_OUT = re2.compile(
    rb"(?i)(?:erase|un_?register|de_?register|un_?link|un_?subscribe|detach|forget|remove|delete)\w*"
)

_PLANS = re2.compile(
    rb"(?:Re)?(?:Schedule|Start|Restart|Reset|Rearm|Queue)(?:Event|Timer|Task|Next|Update)?\w*|AddEvent\w*"
)
_LEAVES = ("return_statement", "break_statement", "continue_statement", "goto_statement", "throw_statement")

_NUMBER = re2.compile(
    rb"(?:const )?(?:(?:std::)?u?int\d*(?:_t)?|(?:std::)?size_t|time_t|bool|char|float|double|short|long"
    rb"|(?:un)?signed)(?: \w+)*&?"
)
_PLAIN = re2.compile(
    rb".*[*&]|(?:\w+::)*\w*(?:G[Uu][Ii][Dd]|Id|Position|Packet|String|string|Seconds|Point)(?: const)?"
)


def is_number(kind: bytes) -> bool:
    """Say whether a type as ``declared_type`` spells it is a plain number, by value or by a reference."""
    return _NUMBER.fullmatch(kind) is not None


def teller(source: Source, statements: Iterable[Node], scope: Node) -> Node | None:
    """Return the first call among statements that runs a callback, keeps a promise or wakes a waiter."""
    for statement in statements:
        if LOG.match(source.text(statement)):
            continue
        for call in of_type(statement, "call_expression"):
            if _tells(source, call, scope):
                return call
    return None


def left_undone(source: Source, statements: Iterable[Node], names: Collection[bytes], *, in_loop: bool) -> Node | None:
    """
    Return a later step that has to be made whatever became of some names; None where each hangs on them.

    That is one which takes something off a list, counts a member down, starts or plans what comes next, or, outside a
    loop, sets a member.
    What is computed from the names hangs on them, and so does all behind a statement of theirs that may leave.
    """
    known = set(names)
    for each in statements:
        own = {source.text(node) for node in walk(each) if node.type in ("identifier", "field_identifier")}
        if own & known:
            known |= _targets(source, each)
            if any(node.type in _LEAVES for node in walk(each, lambda node: node.type != "lambda_expression")):
                return None
            continue
        if _counts_down(source, each):
            return each
        if each.type != "expression_statement" or LOG.match(source.text(each)):
            continue
        if strikes_out(source, [each], b"") or any(
            _PLANS.fullmatch(called_name(source, call.child_by_field_name("function") or call))
            for call in of_type(each, "call_expression")
        ):
            return each
        left = each.named_children[0].child_by_field_name("left") if each.named_children else None
        if left is not None and not in_loop and MEMBER.fullmatch(called_name(source, left)):
            return each
    return None


def _counts_down(source: Source, statement: Node) -> bool:
    """Say whether a statement counts a member down, as what is still to come is: `if (--m_pending == 0)`."""
    for each in of_type(statement, "update_expression", "assignment_expression"):
        target = each.child_by_field_name("argument") or each.child_by_field_name("left")
        name = called_name(source, target) if target is not None else b""
        if operator_of(each) in ("--", "-=") and MEMBER.fullmatch(name):
            return True
    return any(call.name == b"fetch_sub" for call in method_calls(source, statement))


def _targets(source: Source, statement: Node) -> set[bytes]:
    """Return the names that a statement gives a value."""
    found = set()
    for each in of_type(statement, "init_declarator", "assignment_expression"):
        target = each.child_by_field_name("declarator") or each.child_by_field_name("left")
        named = declared_name(target) if target is not None else None
        if named is not None:
            found.add(source.text(named))
    return found


def strikes_out(source: Source, statements: Iterable[Node], but: bytes) -> Node | None:
    """Return the first call among statements that takes something off a list, but none on the object ``but``."""
    for statement in statements:
        for call in of_type(statement, "call_expression"):
            function = call.child_by_field_name("function")
            target = function.child_by_field_name("argument") if function is not None else None
            if function is None or (target is not None and key_of(source, target) == but):
                continue
            if _STRIKES_OUT.fullmatch(called_name(source, function)):
                return call
    return None


def _tells(source: Source, call: Node, scope: Node) -> bool:
    function = call.child_by_field_name("function")
    if function is None:
        return False
    name = called_name(source, function)
    if _TELLS.fullmatch(name):
        return True
    if function.type == "field_expression":
        target = function.child_by_field_name("argument")
        base = source.text(target).rpartition(b">")[2].rpartition(b".")[2] if target is not None else b""
        kind = declared_type(source, base, call, scope) or b""
        # A function that is kept in a member is called like a method: `entry.callback(zone)`.
        return any(_LISTENER.fullmatch(each) for each in (name, base)) or _WAITED_FOR.search(kind) is not None
    if function.type != "identifier":
        return function.type in ("parenthesized_expression", "subscript_expression", "call_expression")
    is_variable = is_local(source, name, call, scope) or MEMBER.fullmatch(name) is not None
    return is_variable or _LISTENER.fullmatch(name) is not None


def kin(source: Source, place: Node, name: bytes, scope: Node) -> set[bytes]:
    """
    Return the names through which a function reaches the object of a variable: aliases, its GUID, what it came from.

    The name itself is one of them. Numbers that were read from the object are not, unless they are its GUID.
    """
    values = list(_values(source, place, scope))
    found = {name}
    for _ in values:
        origins = {each for target, value in values if target in found for each in _names(source, value)}
        origins = {each for each in origins - found if not _counts(source, each, place, scope)}
        if not origins:
            break
        found |= origins
    for _ in values:
        more = {
            target
            for target, value in values
            if target not in found
            and _names(source, value) & found
            and _stands_for(source, target, value, place, scope)
        }
        if not more:
            break
        found |= more
    return found


def _counts(source: Source, name: bytes, place: Node, scope: Node) -> bool:
    """Say whether a variable is a plain number that names no object."""
    return is_number(declared_type(source, name, place, scope) or b"") and not _IDENTIFIES.search(name)


def _values(source: Source, place: Node, scope: Node) -> Iterator[tuple[bytes, Node]]:
    """Yield the variables before a place with each value that they get, the elements of a loop with its container."""
    for node in of_type(scope, "init_declarator", "assignment_expression", "for_range_loop", "declaration"):
        target = node.child_by_field_name("left") or node.child_by_field_name("declarator")
        value = node.child_by_field_name("value") or node.child_by_field_name("right")
        if target is None or value is None or target.end_byte > place.start_byte:
            continue
        named = declared_name(target) if node.type != "assignment_expression" else target
        if target.type == "structured_binding_declarator":
            yield from ((source.text(each), value) for each in target.named_children)
        elif named is not None and named.type == "identifier":
            yield source.text(named), value


def _names(source: Source, value: Node) -> set[bytes]:
    """Return the variables, members and functions that a value is made of, but none that names a constant."""
    kinds = ("identifier", "field_identifier")
    names = {source.text(each) for each in walk(value) if each.type in kinds}
    return {each for each in names if not each.isupper()}


def _stands_for(source: Source, target: bytes, value: Node, place: Node, scope: Node) -> bool:
    kind = declared_type(source, target, place, scope) or b""
    return not is_number(kind) or b"guid" in source.text(value).lower()


def bracket(source: Source, statement: Node, later: Sequence[Node], scope: Node, but: Collection[bytes]) -> str | None:
    """
    Return what is begun before a statement and ended behind it, as source; None without it.

    That is a variable which is set on both sides, or an object other than ``but`` whose methods are called on both; a
    condition may have taken it.
    """
    earlier = [each for each in earlier_statements(statement, scope) if each.type == "expression_statement"]
    earlier = [each for each in earlier if not LOG.match(source.text(each)) and not _makes_room(source, each)]
    for each in earlier:
        for node in of_type(each, "assignment_expression", "update_expression"):
            target = node.child_by_field_name("left") or node.child_by_field_name("argument")
            span = range(statement.end_byte, later[-1].end_byte) if later else range(0)
            if target is not None and later and is_assigned(source, key_of(source, target), later, span):
                return source.text(target).decode("utf-8", "replace")
    tried = [
        call
        for each in earlier_statements(statement, scope)
        if (condition := each.child_by_field_name("condition")) is not None
        for call in method_calls(source, condition)
        if _TAKES.fullmatch(call.name)
    ]
    begun = {key for each in earlier for _, key in _objects(source, each)} | {call.key for call in tried}
    begun -= set(but)
    for each in later:
        for call, key in _objects(source, each) if not LOG.match(source.text(each)) else ():
            if key in begun:
                return source.text(call).decode("utf-8", "replace")
    return None


def _makes_room(source: Source, statement: Node) -> bool:
    """Say whether a statement only empties a container, or makes room in it: nothing has to end that."""
    function = statement.named_children[0].child_by_field_name("function") if statement.named_children else None
    return function is not None and called_name(source, function) in (b"reserve", b"clear")


def _objects(source: Source, statement: Node) -> Iterator[tuple[Node, bytes]]:
    """Yield the calls in a statement with what they begin or end: an object, or what a function without one names."""
    for call in method_calls(source, statement):
        if call.key != OWN:
            yield call.node, call.key
    for call in own_calls(source, statement):
        yield call.node, _PAIRED.sub(rb"", call.name) or call.name


def keeper(source: Source, statement: Node, scope: Node) -> Node | None:
    """
    Return a declaration before a statement whose object does something when the block around both ends.

    That is one whose type or name says so, and one of a class that nothing else in the function uses. A macro may make
    one.
    """
    for each in earlier_statements(statement, scope):
        if (each.type == "declaration" and _keeps(source, each, scope)) or _is_guarding_macro(source, each):
            return each
    return None


def _is_guarding_macro(source: Source, statement: Node) -> bool:
    call = (
        statement.named_children[0] if statement.type == "expression_statement" and statement.named_children else None
    )
    function = call.child_by_field_name("function") if call is not None else None
    name = source.text(function) if function is not None else b""
    return name.isupper() and _GUARD.fullmatch(name) is not None


def _keeps(source: Source, declaration: Node, scope: Node) -> bool:
    kind, declarator = declaration.child_by_field_name("type"), declaration.child_by_field_name("declarator")
    named = declared_name(declarator) if declarator is not None else None
    if kind is None or declarator is None or named is None:
        return False
    spelled, name = source.text(kind), source.text(named)
    is_indirect = any(
        each.type in ("pointer_declarator", "reference_declarator", "array_declarator")
        for each in (declarator, *ancestors(named, declaration))
    )
    if is_indirect or is_number(spelled) or _PLAIN.fullmatch(spelled):
        return False
    if _GUARD.fullmatch(spelled.partition(b"<")[0].rpartition(b"::")[2]):
        return True
    uses = [each for each in of_type(scope, "identifier") if source.text(each) == name and each != named]
    return not uses
