"""Which variables a call needs, where it runs later with copies of them."""

import re2
from tree_sitter import Node

from tasks.core.errors import RefusalError
from tasks.core.fixes.calls import MethodCall
from tasks.core.fixes.declared import declared_type, is_local, is_static
from tasks.core.fixes.guards import later_statements, mentions
from tasks.core.fixes.reliance import is_number
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import walk

_CONSTANT = re2.compile(rb"(?:[A-Za-z_]\w*::)*[A-Z][A-Z0-9_]+|true|false|nullptr|-?[\d.]+[fFuUlL]*")
_COMPUTING = frozenset(
    {"conditional_expression", "binary_expression", "unary_expression", "parenthesized_expression", "number_literal"}
) | {"true", "false"}


def captures_of(site: Site, call: MethodCall) -> list[bytes]:
    """
    Return the variables that the call's arguments need, to be copied.

    Raises:
        RefusalError: one can't be kept for later: a pointer, a reference, a member, the result of a call.
    """
    found: dict[bytes, None] = {}
    for argument in call.arguments:
        if _CONSTANT.fullmatch(site.source.text(argument)):
            continue
        leaves = _numbers_of(site, call, argument) if argument.type != "identifier" else [argument]
        if leaves is None:
            raise RefusalError(
                f"`{show(site.source.text(argument))}` would be computed later, when it may be another value."
            )
        for leaf in leaves:
            _check_kept(site, call, leaf)
            found[site.source.text(leaf)] = None
    return list(found)


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
