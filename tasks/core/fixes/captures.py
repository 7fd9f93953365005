"""Which variables a call needs, where it runs later with copies of them."""

from collections.abc import Collection
from dataclasses import dataclass

import re2
from tree_sitter import Node

from tasks.core.errors import RefusalError
from tasks.core.fixes.calls import MethodCall
from tasks.core.fixes.declared import declared_type, is_local, is_static
from tasks.core.fixes.expressions import called_name
from tasks.core.fixes.guards import later_statements, mentions
from tasks.core.fixes.reliance import is_number
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import walk

_KEYWORDS = (b"this", b"auto", b"float", b"bool", b"int", b"double", b"new", b"delete", b"default", b"operator")
_CONSTANT = re2.compile(rb"(?:[A-Za-z_]\w*::)*[A-Z][A-Z0-9_]+|true|false|nullptr|-?[\d.]+[fFuUlL]*")
_NUMBERS_ONLY = (b"ResurrectPlayer",)
"""Calls whose parameters are all numbers, which are worked out when the call is made, whatever gives them."""

_PREFIX = re2.compile(rb"^(?:[msg]_|_)?(?:Get|get|Calculate|Calc)?")
_MAX_NAMES = 20
_COMPUTING = frozenset(
    {"conditional_expression", "binary_expression", "unary_expression", "parenthesized_expression", "number_literal"}
) | {"true", "false"}


@dataclass(frozen=True, kw_only=True)
class Capture:
    """A variable of the event; ``node`` is the expression whose value it keeps, None for a copy of one of its name."""

    name: bytes
    node: Node | None = None
    value: bytes = b""

    @property
    def text(self) -> bytes:
        """How a lambda captures it."""
        return self.name if self.node is None else b"%b = %b" % (self.name, self.value)


def captures_of(site: Site, call: MethodCall) -> list[Capture]:
    """
    Return the variables that the call's arguments need, to be copied, or to be worked out when the event is made.

    Raises:
        RefusalError: one can't be kept for later: a pointer, a reference, a member, the result of a call.
    """
    found: dict[bytes, Capture] = {}
    for argument in call.arguments:
        if _CONSTANT.fullmatch(site.source.text(argument)):
            continue
        leaves = _numbers_of(site, call, argument) if argument.type != "identifier" else [argument]
        is_value = call.name in _NUMBERS_ONLY and argument.type not in ("initializer_list", "assignment_expression")
        if is_value and not _are_kept(site, call, leaves):
            name = _name_of(site, argument, found)
            found[name] = Capture(name=name, node=argument, value=site.source.text(argument))
            continue
        if leaves is None:
            raise RefusalError(
                f"`{show(site.source.text(argument))}` would be computed later, when it may be another value."
            )
        for leaf in leaves:
            _check_kept(site, call, leaf)
            name = site.source.text(leaf)
            found[name] = Capture(name=name)
    return list(found.values())


def _are_kept(site: Site, call: MethodCall, leaves: list[Node] | None) -> bool:
    """Say whether an argument is made of variables whose copies are the same later."""
    try:
        for leaf in leaves or ():
            _check_kept(site, call, leaf)
    except RefusalError:
        return False
    return leaves is not None


def _name_of(site: Site, argument: Node, taken: Collection[bytes]) -> bytes:
    """Return a name for a value by what gives it: ``percent`` of ``m_rates.GetPercent()``."""
    source = site.source
    while argument.type in ("call_expression", "parenthesized_expression", "pointer_expression"):
        inner = argument.child_by_field_name("function") or argument.child_by_field_name("argument")
        argument = inner or argument.named_children[0]
    plain = _PREFIX.sub(rb"", called_name(source, argument)).strip(b"_")
    name = plain[:1].lower() + plain[1:]
    if argument.type not in ("identifier", "field_expression", "qualified_identifier") or not name or name in _KEYWORDS:
        name = b"value"
    used = {source.text(each) for each in walk(site.scope) if each.type == "identifier"} | {*taken}
    names = (name, *(name + b"%d" % number for number in range(2, _MAX_NAMES)))
    free: bytes = next((each for each in names if each not in used), name)
    return free


def _numbers_of(site: Site, call: MethodCall, argument: Node) -> list[Node] | None:
    """Return the numbers of the function that an argument is computed from; None where it is made of more."""
    source, found = site.source, []
    for each in walk(argument):
        if each.type == "identifier":
            kind = declared_type(source, source.text(each), call.node, site.scope)
            if kind is None or not is_number(kind):
                return None
            found.append(each)
        elif each.is_named and each.type not in _COMPUTING:
            return None
    return found


def _check_kept(site: Site, call: MethodCall, variable: Node) -> None:
    """Refuse a variable whose copy would not be the same when the event runs."""
    source, name = site.source, site.source.text(variable)
    kind = declared_type(source, name, call.node, site.scope)
    if kind is None or not is_local(source, name, call.node, site.scope):
        raise RefusalError(f"`{show(name)}` is no variable of the function, so it can't be kept for later.")
    if is_static(source, name, call.node, site.scope):
        raise RefusalError(f"`{show(name)}` is static: others may change it before the event runs.")
    # The copy of a constant reference to a number is the number itself.
    is_copied = is_number(kind) and kind.endswith(b"const&")
    if not is_copied and (b"*" in kind or b"&" in kind):
        raise RefusalError(f"`{show(name)}` points to something that may be gone when the event runs.")
    if kind.startswith(b"auto"):
        raise RefusalError(f"What `{show(name)}` is, is not said: it may point to something that is gone later.")
    if mentions(source, later_statements(call.statement, site.scope), name):
        raise RefusalError(f"`{show(name)}` is used again after the call, which may have changed it.")
