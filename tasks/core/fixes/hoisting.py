"""A name for a pointer that a call returns, so that test and use see one value: `if (auto* group = GetGroup())`."""

from collections.abc import Iterable

from tree_sitter import Node

from tasks.core.errors import RefusalError
from tasks.core.fixes.declared import returned_form
from tasks.core.fixes.expressions import called_name
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import Source, walk

_PREFIXES = (b"Get", b"get_", b"get", b"Find", b"find_", b"find", b"To", b"to_", b"Select", b"Try")
_KEYWORDS = frozenset(
    b"and auto bool break case catch char class const continue default delete do double else enum explicit export "
    b"extern false float for friend goto if inline int long namespace new not nullptr operator or private protected "
    b"public register return short signed sizeof static struct switch template this throw true try typedef typename "
    b"union unsigned using virtual void volatile while xor".split()
)


def hoist(site: Site, sources: Iterable[Source], statement: Node, pointer: Node) -> tuple[bytes, bytes]:
    """
    Return a condition that declares the pointer, and the statement's text with the new name.

    Raises:
        RefusalError: the pointer is no plain call, or is not what the statement evaluates first.
    """
    source = site.source
    if pointer.type != "call_expression" or pointer.start_byte != _first_byte(statement):
        raise RefusalError(f"`{show(source.text(pointer))}` would be evaluated twice, or earlier than now.")
    expression = statement.named_children[0]
    right = expression.child_by_field_name("right") if expression.type == "assignment_expression" else None
    if right is not None and any(each.type == "call_expression" for each in walk(right)):
        raise RefusalError(
            f"`{show(source.text(pointer))}` would be evaluated before the right side of the assignment."
        )
    function = pointer.child_by_field_name("function")
    called = called_name(source, function) if function is not None else b""
    types = (
        [source.text(each) for each in walk(function) if each.type == "type_identifier"] if function is not None else []
    )
    is_cast = called.endswith(b"_cast") and bool(types)
    name = _free_name(source, site.scope, types[-1] if is_cast else called)
    # A raw pointer is spelled as one; without a declaration at hand it may be a smart one, which `auto&&` also takes.
    kind = b"auto*" if called == b"dynamic_cast" or returned_form(sources, called) == "pointer" else b"auto&&"
    text = source.text(statement)
    start, end = pointer.start_byte - statement.start_byte, pointer.end_byte - statement.start_byte
    return b"%b %b = %b" % (kind, name, source.text(pointer)), text[:start] + name + text[end:]


def _first_byte(statement: Node) -> int:
    return statement.named_children[0].start_byte if statement.named_children else -1


def _free_name(source: Source, scope: Node, called: bytes) -> bytes:
    """Return a variable name made of the function's name that the scope does not use yet: ``GetGroup`` -> ``group``."""
    stem = called
    for prefix in _PREFIXES:
        rest = called.removeprefix(prefix)
        if rest != called and (rest[:1].isupper() or prefix.endswith(b"_")):
            stem = rest
            break
    if not stem.replace(b"_", b"").isalnum() or not stem.isascii() or stem[:1].isdigit():
        stem = b"object"
    stem = stem[:1].lower() + stem[1:]
    used = {source.text(each) for each in walk(scope) if each.type == "identifier"} | _KEYWORDS
    for name in (stem, stem + b"Ptr", *(stem + b"Ptr%d" % number for number in range(2, 10))):
        if name not in used:
            return name
    raise RefusalError("No free name is left for the pointer.")
