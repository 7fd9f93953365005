"""Whether the pointer that was null can be tested where it is, and what the edits make of the file."""

from collections.abc import Sequence

import re2
from tree_sitter import Node

from tasks.core.edits import SourceEdit, apply
from tasks.core.errors import RefusalError
from tasks.core.fixes.declared import declared_type, has_no_test, initial_value, is_local, is_reference, member_type
from tasks.core.fixes.expressions import called_name
from tasks.core.fixes.guards import conditions, earlier_statements, mentions
from tasks.core.fixes.pointers import NullPointer
from tasks.core.fixes.site import show
from tasks.core.fixes.syntax import bare, count_errors, parse

_SEARCHES = (b"find", b"lower_bound", b"upper_bound", b"find_if")
_END = re2.compile(rb"\bc?end\s*\(|\.(?:count|contains|size|empty)\s*\(")


def check_testable(null: NullPointer) -> None:
    """
    Check that the pointer can be tested like one.

    Raises:
        RefusalError: it is of a class that is gone through like a pointer and has no test, or the element of a search
            whose end nobody asked for.
    """
    _check_found(null)
    site, pointer = null.site, null.place.pointer
    if pointer.type not in ("identifier", "field_expression"):
        return
    name = called_name(site.source, pointer)
    is_own = pointer.type == "identifier" and is_local(site.source, name, pointer, site.scope)
    own = declared_type(site.source, name, pointer, site.scope) if is_own else member_type(null.sources, name)
    kind = own or b""
    if not kind.endswith(b"*") and has_no_test(null.sources, kind):
        raise RefusalError(
            f"`{show(null.place.key)}` is a `{show(kind)}`, which goes on like a pointer and has no test."
        )


def _check_found(null: NullPointer) -> None:
    """Refuse the element of a search, ``itr->second``, where nothing asks whether the search has found one."""
    source, scope, pointer = null.site.source, null.site.scope, null.place.pointer
    iterator = (
        pointer.child_by_field_name("argument") if pointer.type in ("field_expression", "pointer_expression") else None
    )
    if iterator is None:
        return
    iterator, name = bare(iterator), source.text(bare(iterator))
    value = initial_value(source, name, iterator, scope) if iterator.type == "identifier" else iterator
    function = value.child_by_field_name("function") if value is not None else None
    if function is None or called_name(source, function) not in _SEARCHES:
        return
    before = [each for each in earlier_statements(null.statement, scope) if mentions(source, [each], name)]
    asked = [condition for condition, _ in conditions(null.place.node, scope)]
    if not any(_END.search(source.text(each)) for each in (*before, *asked)):
        raise RefusalError(
            f"Nothing asks before {null.site} whether `{show(source.text(value or iterator))}` has found anything."
        )


def check_result(null: NullPointer, edits: Sequence[SourceEdit]) -> None:
    """
    Check that the parser understands the file after the edits as well as before: the last net for macros.

    Raises:
        RefusalError: it understands less.
    """
    source = null.site.source
    after = parse(apply(source.content, edits))
    if after.root.has_error and count_errors(after) > count_errors(source):
        raise RefusalError(f"A test at {null.site} would not fit the code around it, perhaps for a macro.")


def is_given_back(null: NullPointer, target: Node) -> bool:
    """Say whether an assignment gives its caller a value, who would go on without it: an out-parameter."""
    site = null.site
    if target.type == "pointer_expression":
        target = target.child_by_field_name("argument") or target
    declarator = site.scope.child_by_field_name("declarator")
    is_parameter = declarator is not None and mentions(site.source, [declarator], site.source.text(target))
    is_out = target.type == "identifier" and (
        is_reference(site.source, site.source.text(target), target, site.scope)
        or (target.parent is not None and target.parent.type == "pointer_expression")
    )
    return is_parameter and is_out
