"""How a source tells a bot from a player: by a method of the player, of its session, or by a function of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import re2
from tree_sitter import Node

from tasks.core.errors import RefusalError
from tasks.core.fixes.calls import OWN, function_around, function_name, method_calls
from tasks.core.fixes.classes import (
    class_named,
    class_of,
    class_of_name,
    class_of_object,
    named_declarations,
    with_bases,
)
from tasks.core.fixes.declared import initial_value
from tasks.core.fixes.expressions import called_name, key_of, operator_of
from tasks.core.fixes.guards import conditions
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import Source, ancestors, bare, of_type

BOTS = rb"Is(?:A)?(?:Player|Npc|NPC)?Bot|IsPlayerbot|isBot"
PLAYERS = rb"[iI]s(?:A)?Real(?:Player|Human)?|[iI]sHuman(?:Player)?|[iI]sRealPlayer"
_TEST = re2.compile(rb"(?:%b|%b)" % (BOTS, PLAYERS))
_PLAYERS = re2.compile(PLAYERS)
_ASKED = re2.compile(rb"\b(?:%b|%b)\s*\(" % (BOTS, PLAYERS))
_DECLARED = re2.compile(rb"\bbool\s+(%b|%b|Is\w*Bot)\s*\(\s*\)" % (BOTS, PLAYERS))
_NAMED = re2.compile(rb"(?i)(?:[ms]?_)?is_?a?_?(?:player|npc|real)?_?(?:bot|real_?player|human)")
_PREFIX = re2.compile(rb"^(?:m_|_)")
_SESSION = b"GetSession()"
_SESSIONS = (b"WorldSession", b"Session")

Who = Literal["all", "players", "bots", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An object that is to be told: ``operator`` is how the source goes on from it, ``kind`` its class or empty."""

    site: Site
    object: Node
    operator: bytes
    kind: bytes

    @property
    def spelled(self) -> bytes:
        """The object as the source spells it."""
        return self.site.source.text(self.object)


def is_told_apart(condition: bytes) -> bool:
    """Say whether a condition holds a test for a bot or for a player, of whoever."""
    return _ASKED.search(condition) is not None


def who_comes(asked: Asked, test: bytes, place: Node) -> Who:
    """
    Say who comes to a place by the conditions before it; ``test`` holds for players.

    A test of somebody else says nothing of the object, where both are parameters; of anything else it may.
    """
    source, scope = asked.site.source, asked.site.scope
    who: Who = "all"
    for condition, when in conditions(place, scope):
        for asking, is_true in _implied(condition, when=when):
            leaf = _value_of(source, asking)
            text = b"".join(source.text(leaf).split())
            if not is_told_apart(text) and not _is_told_by_name(source, leaf):
                continue
            if text == b"".join(test.lstrip(b"!").split()):
                return "players" if is_true != test.startswith(b"!") else "bots"
            who = who if _is_of_another(asked, leaf) else "unknown"
    return who


def _value_of(source: Source, leaf: Node) -> Node:
    """Return what a variable was declared with that is a condition by itself; any other condition as it is."""
    function = function_around(leaf)
    if leaf.type != "identifier" or function is None:
        return leaf
    return initial_value(source, source.text(leaf), leaf, function) or leaf


def _is_told_by_name(source: Source, leaf: Node) -> bool:
    """Say whether a condition holds a variable, member, function or macro that is named as a test for a bot is."""
    return any(_NAMED.fullmatch(source.text(each)) for each in of_type(leaf, "identifier", "field_identifier"))


def _implied(condition: Node, *, when: bool) -> Iterator[tuple[Node, bool]]:
    """Yield the parts of a condition that came out as ``when``, with how each of them did, as far as that is sure."""
    node = bare(condition)
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    argument = node.child_by_field_name("argument")
    if operator_of(node) in ("&&", "||") and left is not None and right is not None:
        if (operator_of(node) == "&&") == when:
            yield from _implied(left, when=when)
            yield from _implied(right, when=when)
    elif node.type == "unary_expression" and operator_of(node) == "!" and argument is not None:
        yield from _implied(argument, when=not when)
    else:
        yield node, when


def _is_of_another(asked: Asked, leaf: Node) -> bool:
    """Say whether a test is put to another parameter of the function than the object."""
    function = function_around(leaf)
    declarator = function.child_by_field_name("declarator") if function is not None else None
    if declarator is None or asked.object.type != "identifier":
        return False
    names = {asked.site.source.text(each) for each in of_type(declarator, "identifier")}
    tested = {asked.site.source.text(each) for each in of_type(leaf, "identifier")}
    return asked.spelled in names and asked.spelled not in tested and bool(tested) and tested <= names


def test_for_player(asked: Asked, sources: tuple[Source, ...]) -> bytes:
    """
    Return the condition that the object is no bot, by a test that the sources put to its class.

    Raises:
        RefusalError: they show none, or several that are not known to say the same.
    """
    if not asked.kind and asked.operator == b".":
        raise RefusalError(f"The files of the crash do not show whether `{show(asked.spelled)}` is a player.")
    kinds = with_bases(sources, asked.kind) if asked.kind else {b"Player"}
    forms = set(_methods(asked, sources, kinds))
    if not forms:
        forms = {_with_call(asked, name) for name in _declared_by(sources, kinds)}
    forms = forms or set(_functions(asked, sources, kinds))
    if not forms:
        forms = set(_by_session(asked, sources))
        if forms and any(_may_lack_session(source) for source in sources):
            raise RefusalError(
                "The files of the crash test whether there is a session at all before they ask for a bot."
            )
    if len(forms) != 1:
        raise RefusalError("The files of the crash do not show how a bot is told from a player.")
    return forms.pop()


def _with_call(asked: Asked, name: bytes, via: bytes = b"") -> bytes:
    sign = b"" if _PLAYERS.fullmatch(name) else b"!"
    return b"%b%b%b%b%b()" % (sign, asked.spelled, asked.operator, via, name)


def _methods(asked: Asked, sources: tuple[Source, ...], kinds: set[bytes]) -> Iterator[bytes]:
    """
    Yield the test by the methods that are asked of an object of these classes.

    An object of unknown class counts by its name, unless a class of another name has that method as well.
    """
    names = {key_of(asked.site.source, asked.object).lower(), *(kind.lower() for kind in kinds)}
    found = [
        (class_of_object(sources, source, call), call)
        for source in sources
        for call in method_calls(source, source.root, _TEST.fullmatch)
        if not call.arguments
    ]
    others = {call.name for kind, call in found if kind and kind not in kinds}
    for kind, call in found:
        is_alike = call.key.lower() in names or _PREFIX.sub(rb"", call.key).lower() in names
        if kind in kinds or (not kind and call.key != OWN and is_alike and call.name not in others):
            yield _with_call(asked, call.name)


def _declared_by(sources: tuple[Source, ...], kinds: set[bytes]) -> set[bytes]:
    """Return the tests that these classes declare."""
    names = {found[1] for source in sources for found in _DECLARED.finditer(source.compiled)}
    return {
        name
        for name in names
        for source in sources
        for each in named_declarations(source, name)
        if class_of(source, each) in kinds
    }


def _functions(asked: Asked, sources: tuple[Source, ...], kinds: set[bytes]) -> Iterator[bytes]:
    """Yield the test by the functions that take an object of these classes and are known where it is to be asked."""
    if asked.operator != b"->":
        return
    own, function = asked.site.source, function_around(asked.object)
    around_use = function_name(own, function).rpartition(b"::")[0] if function is not None else b""
    for source in sources:
        for each in source.nodes("function_definition", "declaration"):
            name, given = _parameter(source, each)
            if not name and source is own and around_use:
                name, given = _parameter(source, each, within=around_use)
            is_known = source is not own or each.end_byte <= asked.site.scope.start_byte
            if is_known and _TEST.fullmatch(name) and re2.search(rb"\*", given) and class_named(given) in kinds:
                around = _namespaces(source, each)
                spaces = around[len(_shared(around, _namespaces(own, asked.object))) :]
                sign = b"" if _PLAYERS.fullmatch(name) else b"!"
                yield b"%b%b(%b)" % (sign, b"::".join([*spaces, name]), asked.spelled)
        for call in source.nodes("call_expression"):
            function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
            if function is None or arguments is None or function.type != "qualified_identifier":
                continue
            name = called_name(source, function)
            if not _TEST.fullmatch(name) or arguments.named_child_count != 1:
                continue
            argument = arguments.named_children[0]
            kind = class_of_name(sources, source, key_of(source, argument), call, function_around(call))
            if kind in kinds:
                sign = b"" if _PLAYERS.fullmatch(name) else b"!"
                yield b"%b%b(%b)" % (sign, source.text(function), asked.spelled)


def _namespaces(source: Source, node: Node) -> list[bytes]:
    """Return the named namespaces around a node, from the outside."""
    around = [each for each in ancestors(node) if each.type == "namespace_definition"]
    names = [each.child_by_field_name("name") for each in reversed(around)]
    return [source.text(each) for each in names if each is not None]


def _shared(one: list[bytes], other: list[bytes]) -> list[bytes]:
    """Return what two lists begin with alike."""
    return [first for place, first in enumerate(one) if one[: place + 1] == other[: place + 1]]


def _parameter(source: Source, declaration: Node, within: bytes = b"") -> tuple[bytes, bytes]:
    """
    Return the name of a function outside of classes, and its only parameter as it is spelled; else nothing.

    ``within`` is the class of which it is to be a method, as its definition names it.
    """
    if any(each.type == "field_declaration_list" for each in ancestors(declaration)):
        return b"", b""
    declarator = declaration.child_by_field_name("declarator")
    while declarator is not None and declarator.type in ("reference_declarator", "pointer_declarator"):
        declarator = next(iter(declarator.named_children), None)
    named = declarator.child_by_field_name("declarator") if declarator is not None else None
    listed = declarator.child_by_field_name("parameters") if declarator is not None else None
    if named is None or listed is None or listed.named_child_count != 1:
        return b"", b""
    scope, _, name = source.text(named).rpartition(b"::")
    if named.type not in ("identifier", "qualified_identifier") or scope != within:
        return b"", b""
    return name, source.text(listed.named_children[0])


def _by_session(asked: Asked, sources: tuple[Source, ...]) -> Iterator[bytes]:
    """Yield the test by the methods that are asked of the session of a player."""
    if asked.kind and not asked.kind.endswith(b"Player") and not _has_session(asked, sources):
        return
    for source in sources:
        for call in method_calls(source, source.root, _TEST.fullmatch):
            if call.arguments:
                continue
            text = b"".join(source.text(call.object).split())
            function = function_around(call.node)
            kind = class_of_object(sources, source, call)
            value = initial_value(source, call.key, call.node, function) if function is not None else None
            is_got = value is not None and source.text(value).endswith(_SESSION)
            is_named = not kind and re2.search(rb"(?i)session$", call.key) is not None
            if text.endswith(_SESSION) or is_got or is_named or (kind in _SESSIONS and call.key != OWN):
                yield _with_call(asked, call.name, b"GetSession()->")


def _has_session(asked: Asked, sources: tuple[Source, ...]) -> bool:
    """Say whether the sources ask an object of the class for its session."""
    name = _SESSION.removesuffix(b"()")
    calls = ((source, call) for source in sources for call in method_calls(source, source.root, name.__eq__))
    return any(class_of_object(sources, source, call) == asked.kind for source, call in calls)


def _may_lack_session(source: Source) -> bool:
    """Say whether a condition asks for a session alone: ``player->GetSession() &&``, ``!session``, ``if (session)``."""
    return (
        re2.search(
            rb"if\s*\([^;{}()]*=\s*[\w>-]+GetSession\(\)\s*\)|GetSession\(\)\s*(?:&&|\|\||\?|\)\s*(?:$|\{|return)|[!=]=\s*nullptr)|!\s*[\w>-]*GetSession\(\)\s*[)|&]",
            source.compiled,
        )
        is not None
    )
