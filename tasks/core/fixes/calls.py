"""Calls of methods as templates look for them: on which object, by what name, with what arguments, where."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from tasks.core.crash import Crash, Frame
from tasks.core.errors import RefusalError
from tasks.core.fixes.contract import candidate_frames
from tasks.core.fixes.expressions import called_name, key_of, operator_of
from tasks.core.fixes.site import Site, locate
from tasks.core.fixes.syntax import Source, ancestors, body_of, of_type, statement_of
from tasks.core.names import normalise

OWN = b"this"
"""The key of the function's own object."""


@dataclass(frozen=True, kw_only=True)
class MethodCall:
    """``object->name(arguments)``; ``key`` is the key of the object's expression."""

    node: Node
    statement: Node
    object: Node
    key: bytes
    name: bytes
    arguments: tuple[Node, ...]

    @property
    def is_whole(self) -> bool:
        """Say whether the call is all that its statement does, so that nobody needs its value."""
        return self.statement.type == "expression_statement" and self.statement.named_children[0] == self.node

    @property
    def line(self) -> int:
        """The line of the call, counted from 1."""
        return self.node.start_point.row + 1


def method_calls(
    source: Source, scope: Node, is_wanted: Callable[[bytes], object] = lambda _: True
) -> Iterator[MethodCall]:
    """
    Yield the calls of methods through ``->`` or ``.`` below a node, in the order of the source.

    ``is_wanted`` chooses by the method's name, which costs far less than to look at each call of a large file.
    """
    for node in _calls_below(source, scope):
        function = node.child_by_field_name("function")
        if function is None or function.type != "field_expression" or not is_wanted(called_name(source, function)):
            continue
        if operator_of(function) not in ("->", "."):
            continue
        target, statement = function.child_by_field_name("argument"), statement_of(node)
        given = node.child_by_field_name("arguments")
        if target is None or statement is None or given is None:
            continue
        yield MethodCall(
            node=node,
            statement=statement,
            object=target,
            key=key_of(source, target),
            name=called_name(source, function),
            arguments=tuple(each for each in given.named_children if each.type != "comment"),
        )


def _calls_below(source: Source, scope: Node) -> list[Node]:
    return source.nodes("call_expression") if scope == source.root else of_type(scope, "call_expression")


def own_calls(source: Source, scope: Node) -> Iterator[MethodCall]:
    """Yield the calls by a name alone, which are of the function's own object; their object is that name."""
    for node in _calls_below(source, scope):
        function = node.child_by_field_name("function")
        statement, given = statement_of(node), node.child_by_field_name("arguments")
        if function is None or function.type != "identifier" or statement is None or given is None:
            continue
        yield MethodCall(
            node=node,
            statement=statement,
            object=function,
            key=OWN,
            name=source.text(function),
            arguments=tuple(each for each in given.named_children if each.type != "comment"),
        )


def sites(crash: Crash, sources: Mapping[str, Source]) -> list[Site]:
    """Return the places of the crash's frames in these sources, innermost first; frames that don't fit are left out."""
    found = (_site(frame, sources) for frame in candidate_frames(crash))
    return [each for each in found if each is not None]


def _site(frame: Frame, sources: Mapping[str, Source]) -> Site | None:
    source = sources.get(frame.file or "")
    try:
        return locate(frame, source) if source is not None else None
    except RefusalError:
        return None


def site_of(path: str, source: Source, place: Node) -> Site | None:
    """Return the function or lambda around any place of a file as a site; None outside of functions."""
    kinds = ("function_definition", "lambda_expression")
    scope = next((each for each in ancestors(place) if each.type in kinds and body_of(each) is not None), None)
    if scope is None:
        return None
    return Site(frame=Frame(index=0, file=path, line=place.start_point.row + 1), source=source, scope=scope)


def functions(source: Source) -> Iterator[Node]:
    """Yield the definitions of functions that have a body."""
    return (each for each in source.nodes("function_definition") if body_of(each) is not None)


def function_around(place: Node) -> Node | None:
    """Return the definition of the function around a place, whatever lambdas lie between."""
    return next((each for each in ancestors(place) if each.type == "function_definition"), None)


def function_name(source: Source, function: Node) -> bytes:
    """Return the qualified name of a function as its definition spells it: ``Spell::~Spell``."""
    declarator = function.child_by_field_name("declarator")
    while declarator is not None and declarator.type != "function_declarator":
        declarator = declarator.child_by_field_name("declarator") or next(
            (each for each in declarator.named_children if each.type.endswith("declarator")), None
        )
    named = declarator.child_by_field_name("declarator") if declarator is not None else None
    if named is None:
        return b""
    return b"".join(source.text(named).split())


def base_name(source: Source, expression: Node) -> bytes:
    """Return the variable or member that an expression of calls and members begins with: ``bot`` of ``bot->a()->b``."""
    node = expression
    while node.type in ("field_expression", "call_expression", "parenthesized_expression", "subscript_expression"):
        inner = node.child_by_field_name("argument") or node.child_by_field_name("function")
        if node.type == "field_expression" and inner is not None and inner.type == "this":
            return source.text(node.child_by_field_name("field") or node)
        if inner is None:
            inner = node.named_children[0]
        node = inner
    return source.text(node)


def moved_sites(crash: Crash, sources: Mapping[str, Source]) -> list[Site]:
    """
    Return the functions of the crash's frames that are not where their line says, as sites without a line.

    A source that changed since the build still has the function by its name; one that has it twice does not say which.
    """
    located = {(site.frame.file, site.frame.function) for site in sites(crash, sources)}
    found = []
    for frame in candidate_frames(crash):
        source, name = sources.get(frame.file or ""), normalise(frame.function or "").encode()
        if source is None or not name or (frame.file, frame.function) in located:
            continue
        named = [each for each in functions(source) if (b"::" + function_name(source, each)).endswith(b"::" + name)]
        if len(named) == 1:
            found.append(Site(frame=frame._replace(line=None), source=source, scope=named[0]))
    return found
