"""
The template `session-thread-removal`: no player is taken out of the world beside the thread of its map.

A module that logs a bot out often calls `RemoveFromWorld` first. Where that runs on another thread, the update of the
map walks on over a reference that is gone. The logout takes the player out itself, in its own time, so the removal
before it goes: at every place of the module, because one that is left is enough to crash again.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import re2
from tree_sitter import Node

from tasks.core.crash import Crash
from tasks.core.edits import SourceEdit
from tasks.core.errors import RefusalError
from tasks.core.fixes import syntax
from tasks.core.fixes.calls import (
    MethodCall,
    base_name,
    function_around,
    function_name,
    method_calls,
    site_of,
)
from tasks.core.fixes.contract import Proposal, candidate_files
from tasks.core.fixes.declared import declared_type, initial_value, is_local, member_type
from tasks.core.fixes.expressions import called_name, declared_name, is_assigned, key_of
from tasks.core.fixes.guarding import Writer
from tasks.core.fixes.guards import earlier_statements, later_statements, mentions
from tasks.core.fixes.presence import AFTERWARDS, LOGOUTS, REMOVALS, asking_calls, keeping_logouts, letting_go
from tasks.core.fixes.reliance import LOG, kin
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import Source, ancestors, body_of, is_broken, of_type, walk
from tasks.core.fixes.workers import WORKERS, takers
from tasks.core.hierarchy import Level

_OWN = frozenset(
    {b"RemoveFromWorld", b"AddToWorld", b"CleanupsBeforeDelete", b"CleanupBeforeRemoveFromMap", *REMOVALS, *LOGOUTS}
)
"""Functions of the core that take an object out in its own time: the logout goes through them."""

_QUEUED = re2.compile(rb"(?i)\w*(event|queue|schedule|callback|post|defer)\w*")
"""What is handed to such a call runs later, in an update of the map or the session."""

_OTHER_OBJECTS = re2.compile(
    rb"(?:\w*_)?(?:pet|minion|summon|totem|creature|gameobject|gameObject|corpse|dynobj|vehicle|transport|go)"
    rb"|\w*(?:Pet|Minion|Summon|Totem|Creature|GameObject|Corpse|DynObj|Vehicle|Transport|GO|Go)"
)
_LEAVING = frozenset({"return_statement", "break_statement", "continue_statement", "goto_statement", "throw_statement"})
_KEEPS = re2.compile(
    rb"(?i)insert|emplace\w*|push\w*|add\w*|erase|save\w*|log\w*|notify\w*|send\w*|count|remove\w*|un_?register\w*"
)
"""Calls that keep a player or its GUID, or tell of it, wherever it is."""

_QUESTION = re2.compile(rb"(Is|Has|Can|Get|Find)[A-Z]\w*")


@dataclass(frozen=True, kw_only=True)
class _Removal:
    """A call that takes a player out of the world, and where it stands."""

    call: MethodCall
    site: Site

    def __str__(self) -> str:
        return f"{show(self.site.frame.file or '').rpartition('/')[2]}:{self.call.line}"


class SessionThreadRemoval:
    """Leave the removal of a player from the world to its logout."""

    slug = "session-thread-removal"
    version = 5
    summary = "leaves the removal of a player from the world to its logout, at every place of the module"
    level: Level = "module only"

    def wanted_files(self, crash: Crash) -> tuple[str, ...]:
        """Return the files of our own frames."""
        return candidate_files(crash)

    def wanted_texts(self, crash: Crash) -> tuple[bytes, ...]:
        """Return the calls that take a player out of the world, and the definitions of logouts of the module."""
        return (*(name + b"(" for name in REMOVALS), *(b"::" + name + b"(" for name in LOGOUTS))

    def propose(self, crash: Crash, sources: Mapping[str, bytes]) -> Proposal:
        """
        Propose to drop each removal that a logout follows.

        Raises:
            RefusalError: there is none, or one of them has no logout behind it: half a fix would crash again.
        """
        parsed = {path: syntax.parse(content) for path, content in sources.items()}
        found = [removal for path, source in parsed.items() for removal in _removals(path, source, parsed.values())]
        if not found:
            raise RefusalError(
                "No file at hand takes a player out of the world before its logout: the removal runs elsewhere."
            )
        if keeping := next((each for source in parsed.values() for each in keeping_logouts(source)), None):
            raise RefusalError(
                f"`{show(keeping)}` takes nobody out of the world, so without the removal a player would stay there."
            )
        edits = [edit for removal in found for edit in _edits(removal)]
        places = ", ".join(str(removal) for removal in found)
        return Proposal(
            edits=tuple(dict.fromkeys(edits)),
            explanation=f"Leaves the removal from the world to the logout at {places}. The removal ran beside the"
            " thread of the map, whose update then walked on over a player that was gone; the logout removes the player"
            " itself.",
        )


def _removals(path: str, source: Source, sources: Collection[Source]) -> Iterator[_Removal]:
    for call in method_calls(source, source.root):
        site = site_of(path, source, call.node) if call.name in REMOVALS else None
        function = function_around(call.node)
        if site is None or function is None or _is_of_the_core(source, function) or _is_queued(source, call.node):
            continue
        if _is_player(call, site, sources):
            yield _Removal(call=call, site=site)


def _is_of_the_core(source: Source, function: Node) -> bool:
    scopes = function_name(source, function).split(b"::")
    return scopes[-1] in _OWN


def _is_queued(source: Source, node: Node) -> bool:
    """Say whether the code around is a lambda that another call keeps for later, in an update."""
    for text in takers(source, node):
        name = text.rpartition(b"->")[2].rpartition(b".")[2]
        if _QUEUED.fullmatch(name) and not WORKERS.search(text):
            return True
    return False


def _is_player(call: MethodCall, site: Site, sources: Collection[Source]) -> bool:
    """Say whether a player is taken out: by the type of the variable, else by a name that is no other object's."""
    source = site.source
    taken = call.arguments[0] if call.name == b"RemovePlayerFromMap" and call.arguments else call.object
    if _object_of(source, taken, b"GetPlayer") is not None:
        return True
    name = base_name(source, taken)
    kind = declared_type(source, name, call.node, site.scope) or member_type(sources, name)
    if kind is not None and b"auto" not in kind and kind.strip(b"*& ") not in _parameters(source, call.node):
        return b"Player" in kind or b"Bot" in kind
    return _OTHER_OBJECTS.fullmatch(name) is None


def _parameters(source: Source, place: Node) -> set[bytes]:
    """Return the types that the templates around a place leave open."""
    around = [each for each in ancestors(place) if each.type == "template_declaration"]
    given = [each.child_by_field_name("parameters") for each in around]
    return {source.text(node) for each in given if each for node in walk(each) if node.type == "type_identifier"}


def _edits(removal: _Removal) -> list[SourceEdit]:
    call, site = removal.call, removal.site
    if not call.is_whole:
        raise RefusalError(f"The removal at {removal} is a part of a larger statement, which can't be left out.")
    statement = _droppable(removal)
    if is_broken(statement, site.scope):
        raise RefusalError(f"The parser does not understand {removal}, perhaps for a macro.")
    behind = [each for later in later_statements(statement, site.scope) for each in method_calls(site.source, later)]
    taken = call.arguments[0] if call.name == b"RemovePlayerFromMap" and call.arguments else call.object
    needing = [each for each in behind if each.key == key_of(site.source, taken) and AFTERWARDS.fullmatch(each.name)]
    if needing:
        shown = show(site.source.text(needing[0].node))
        raise RefusalError(f"`{shown}` after {removal} needs the player out of the world already.")
    logouts = list(_logouts_after(statement, site))
    logout = next((each for each in logouts if _is_of_the_same(site, taken, each)), logouts[0] if logouts else None)
    if worker := next((text for text in takers(site.source, statement) if WORKERS.search(text)), None):
        raise RefusalError(
            f"`{show(worker)}` runs {removal} on another thread, and the logout beside it: that takes the player out of"
            " the world there all the same, so the whole must move into an update of the session."
        )
    if logout is None:
        raise RefusalError(
            f"{removal} takes a player out of the world and no logout follows on every way through the function: what"
            " shall do it instead is for a person to say."
        )
    loop = next((each for each in ancestors(statement, site.scope) if each.type in syntax.LOOPS), None)
    if loop is not None and logout.start_byte >= loop.end_byte:
        raise RefusalError(f"The logout after {removal} is of one player, and the loop takes out several.")
    between = [each for each in later_statements(statement, site.scope) if each.end_byte <= logout.start_byte]
    if asking := next((each for later in between for each in asking_calls(site, later)), None):
        raise RefusalError(
            f"`{show(site.source.text(asking))}` between {removal} and the logout would find the player in the world."
        )
    if given := next((each for later in between for each in _given(site, taken, later)), None):
        raise RefusalError(
            f"`{show(site.source.text(given))}` between {removal} and the logout may look whether the player is in the"
            " world."
        )
    if flag := _flag_beside(removal, site):
        raise RefusalError(
            f"`{show(site.source.text(flag))}` beside {removal} would tell of a removal that is not made."
        )
    if parted := letting_go(site.source, site.scope, logout.start_byte):
        raise RefusalError(
            f"`{show(site.source.text(parted))}` before the logout parts the session from the player of {removal}, so"
            " the logout would take nobody out of the world."
        )
    if not _is_of_the_same(site, taken, logout):
        raise RefusalError(
            f"That the logout after {removal} is of the very player that is taken out there is not known: without the"
            " removal another one would stay in the world."
        )
    return Writer.at(site).remove_all([*_left_unused(statement, site), statement])


def _given(site: Site, taken: Node, statement: Node) -> Iterator[Node]:
    """Yield the calls of a statement that are given the player or its GUID, but not to keep it or to tell of it."""
    source = site.source
    names = kin(source, taken, source.text(taken), site.scope) | {source.text(taken)}
    for call in of_type(statement, "call_expression") if not LOG.match(source.text(statement)) else ():
        function, given = call.child_by_field_name("function"), call.child_by_field_name("arguments")
        name = called_name(source, function) if function is not None else b""
        if (
            given is not None
            and not _KEEPS.fullmatch(name)
            and any(source.text(each) in names for each in given.named_children)
        ):
            yield call


def _flag_beside(removal: _Removal, site: Site) -> Node | None:
    """Return a statement of the removal's block that sets a flag, which something behind the block reads."""
    block = removal.call.statement.parent
    if block is None or block.parent is None or block.parent.type != "if_statement":
        return None
    later = later_statements(removal.call.statement, site.scope)
    for each in block.named_children:
        step = each.named_children[0] if each.type == "expression_statement" and each.named_children else None
        left = step.child_by_field_name("left") if step is not None and step.type == "assignment_expression" else None
        behind = [other for other in later if other.start_byte >= block.end_byte]
        if left is not None and any(mentions(site.source, [other], site.source.text(left)) for other in behind):
            return each
    return None


def _left_unused(statement: Node, site: Site) -> Iterator[Node]:
    """Yield the declarations before a statement whose variable nothing else uses: compilers would warn of them."""
    source = site.source
    block = body_of(site.scope)
    names = {source.text(each) for each in walk(statement) if each.type == "identifier"}
    for each in earlier_statements(statement, site.scope):
        declarator = each.child_by_field_name("declarator") if each.type == "declaration" else None
        named = declared_name(declarator) if declarator is not None else None
        if declarator is None or named is None or source.text(named) not in names or not _only_asks(source, each):
            continue
        uses = [
            found
            for found in walk(block or site.scope)
            if found.type == "identifier" and source.text(found) == source.text(named)
        ]
        if all(found == named or _is_within(found, statement) for found in uses):
            yield each


def _is_within(node: Node, outer: Node) -> bool:
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte


def _logouts_after(statement: Node, site: Site) -> Iterator[Node]:
    """Yield the logouts that follow on every way: alone, or asked for nothing but whether the session is there."""
    source = site.source
    for later in later_statements(statement, site.scope):
        inner: Node | None = later
        condition: Node | None = None
        if later.type == "if_statement" and later.child_by_field_name("alternative") is None:
            condition, inner = later.child_by_field_name("condition"), _only_statement(later)
        parts = inner.named_children if inner is not None and inner.type == "expression_statement" else []
        call = parts[0] if parts else None
        function = call.child_by_field_name("function") if call is not None else None
        if function is not None and called_name(source, function) in LOGOUTS:
            target = function.child_by_field_name("argument")
            is_sure = condition is None or (target is not None and _is_test_of(source, condition, target))
            if call is None or not is_sure:
                return
            yield call
        elif any(each.type in _LEAVING for each in walk(later, lambda node: node.type != "lambda_expression")):
            return


def _is_of_the_same(site: Site, taken: Node, logout: Node) -> bool:
    """
    Say whether a logout is of the session whose player is taken out, as far as the function shows it.

    It shows it by `X->GetSession()`, by `S->GetPlayer()`, or by two members that are named alike.
    """
    source, scope = site.source, site.scope
    function = logout.child_by_field_name("function")
    target = function.child_by_field_name("argument") if function is not None else None
    own = target is None or target.type == "this"
    for node in (taken, *([target] if target is not None and not own else [])):
        value = initial_value(source, base_name(source, node), node, scope)
        start = value.end_byte if value is not None else scope.start_byte
        if is_assigned(source, key_of(source, node), [scope], range(start, logout.start_byte)):
            return False
    player = _object_of(source, initial_value(source, source.text(taken), taken, scope) or taken, b"GetPlayer")
    if own or target is None:
        is_member = not is_local(source, source.text(taken), logout, scope) and b"player" in source.text(taken).lower()
        return player == b"this" or is_member
    asked = _object_of(source, target, b"GetSession")
    asked = asked or _object_of(source, initial_value(source, source.text(target), logout, scope), b"GetSession")
    if key_of(source, taken) == asked or key_of(source, target) == player:
        return True
    names = [source.text(each) for each in (taken, target)]
    if any(is_local(source, name, logout, scope) for name in names):
        return False
    return _named_alike(*names)


def _object_of(source: Source, call: Node | None, name: bytes) -> bytes | None:
    """Return the key of what a method is called on, `this` for a function's own; None where it is another call."""
    function = call.child_by_field_name("function") if call is not None and call.type == "call_expression" else None
    if function is None or called_name(source, function) != name:
        return None
    target = function.child_by_field_name("argument")
    return key_of(source, target) if target is not None else b"this"


def _named_alike(player: bytes, session: bytes) -> bool:
    """Say whether two members are the two sides of one connection: `m_player` and `m_session`."""
    sides = [re2.sub(rb"(?i)player|bot|session", b"", name) for name in (player, session)]
    return sides[0] == sides[1] and b"session" in session.lower()


def _only_statement(conditional: Node) -> Node | None:
    body = conditional.child_by_field_name("consequence")
    if body is None or body.type != "compound_statement":
        return body
    inner = [each for each in body.named_children if each.type != "comment"]
    return inner[0] if len(inner) == 1 else None


def _is_test_of(source: Source, condition: Node, target: Node) -> bool:
    """Say whether a condition asks for nothing but the pointer, or declares it."""
    value = syntax.bare(condition)
    declarator = value.child_by_field_name("declarator") if value.type == "declaration" else None
    named = declared_name(declarator) if declarator is not None else None
    return key_of(source, named or value) == key_of(source, target)


def _droppable(removal: _Removal) -> Node:
    """
    Return what goes with the call: the `if` that only asks whether the player is there, where it runs nothing else.

    Raises:
        RefusalError: the `if` has another branch, or its condition does something.
    """
    source, statement = removal.site.source, removal.call.statement
    while True:
        parent = statement.parent
        if parent is not None and parent.type == "compound_statement":
            others = [each for each in parent.named_children if each != statement and each.type != "comment"]
            parent = None if others or len(parent.named_children) > 1 else parent.parent
            is_block = True
        else:
            is_block = False
        if parent is not None and parent.type == "try_statement" and is_block:
            # Without the removal nothing in it throws, and what catches never runs.
            statement = parent
            continue
        if parent is None or parent.type not in ("if_statement", "else_clause"):
            if not is_block and (parent is None or parent.type not in syntax.BLOCKS):
                raise RefusalError(f"The removal at {removal} is all that a loop or label around it runs.")
            return statement
        if parent.type == "else_clause" or parent.child_by_field_name("alternative") is not None:
            raise RefusalError(f"The removal at {removal} is one of two branches, and the other one would change.")
        condition = parent.child_by_field_name("condition")
        if condition is None or not _only_asks(source, condition):
            raise RefusalError(f"The condition around the removal at {removal} does more than ask.")
        statement = parent


def _only_asks(source: Source, condition: Node) -> bool:
    for node in syntax.walk(condition):
        if node.type in ("assignment_expression", "update_expression"):
            return False
        if node.type == "call_expression":
            function = node.child_by_field_name("function")
            name = source.text(function).rpartition(b"->")[2].rpartition(b".")[2] if function is not None else b""
            if not _QUESTION.fullmatch(name):
                return False
    return True
