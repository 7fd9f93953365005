"""What depends on whether a player is in the world, and which logouts take it out of there."""

from collections.abc import Iterator

import re2
from tree_sitter import Node

from tasks.core.fixes.calls import function_name, functions, method_calls
from tasks.core.fixes.declared import declared_type, is_local
from tasks.core.fixes.expressions import called_name
from tasks.core.fixes.site import Site
from tasks.core.fixes.syntax import Source, body_of, of_type

REMOVALS = (b"RemoveFromWorld", b"RemovePlayerFromMap")
LOGOUTS = (b"LogoutPlayer",)
_CLEANUPS = (b"CleanupsBeforeDelete", b"CleanupBeforeRemoveFromMap")
AFTERWARDS = re2.compile(
    rb"ResetMap|SetMap|AddToWorld|AddPlayerToMap|AddToMap|CleanupsBeforeDelete|TeleportTo|Relocate"
    rb"|IsInWorld|IsInGrid|FindMap|IsInMap"
)
"""Calls on a player that only make sense once it is out of the world, or answer otherwise then."""

ENTERING = re2.compile(
    rb"Add\w*To(?:Map|World|Grid)\w*|\w*Teleport\w*|\w*Worldport\w*|SetMap|ResetMap|Relocate|SaveToDB|LogoutPlayer"
    rb"|RemoveFromWorld|RemovePlayerFromMap|CleanupsBeforeDelete|LoadFromDB|Initialize\w*|Is[A-Z]\w*"
)
"""Calls that are made just while an object is not in the world, to bring it there or to let it go; and questions."""

PASSING = re2.compile(
    rb"Add\w*To(?:Map|World|Grid)\w*|SetMap|LoadFromDB|LogoutPlayer|RemoveFromWorld|RemovePlayerFromMap|KickPlayer"
    rb"|CleanupsBeforeDelete|Handle\w*Ack|SetSemaphoreTeleport\w*|\w*Worldport\w*"
)
"""Calls behind a use that show that the object is just coming into the world or leaving it."""

MOVING = re2.compile(rb"(?:Repop|Teleport)\w*")
"""Calls behind a use that bring the object to another place, whether it is in the world or not."""

_DATA = rb"GetGUID\w*|GetName|GetEntry|GetSpawnId|GetTypeId|GetAccountId|GetDBTableGUIDLow"
DATA = re2.compile(_DATA)
"""Calls that read what an object is, wherever it is."""

ANYWHERE = re2.compile(_DATA + rb"|GetSession|To[A-Z]\w*")
"""Calls on an object that answer alike whether it is in the world or not."""

_LETS_GO = re2.compile(
    rb"(?i)(?:set|un_?set|clear|detach|reset|release|take|drop|unlink|unbind|disconnect|forget|swap)_?"
    rb"(?:player|bot|session|character)(?:_?(?:ptr|pointer|link))?"
)
_LINK = re2.compile(rb"(?i)(?:[ms]?_)?(?:my|own|current)?_?(?:player|bot|session|character)_?")
_LINKED = re2.compile(rb"(?i).*(?:player|bot|session|char).*")
_NULLS = (b"nullptr", b"NULL", b"0", b"{}")

_MAP = re2.compile(rb"(?:const\s+)?(?:\w+::)*(?:\w*Map|Battleground|Cell|\w*Grid\w*)\s*(?:const)?\s*[*&]*(?:\s*const)?")
_MAP_NAME = re2.compile(rb"(?i)(?:^|_)(?:map|bg|battleground|grid|cell)(?:\(\))?$|[gs]etMap\(\)$|[gG]rid\(\)$")
_LOOK_UP = re2.compile(
    rb"FindPlayer\w*|FindConnectedPlayer|FindMap\w*|Get(?:Nearest|Closest)?Player(?:s\w*|By\w+|Count\w*|InRange\w*)"
    rb"|\w*(?:InWorld|OnMap|InMap)\w*|HavePlayers|HasPlayers|Visit\w*|Get\w*PlayersCount\w*|Get\w*InGrid|DoForAllPlayers|Can(?:Unload|SeeOrDetect)"
)
"""Calls that look for players in the world, or look at all of them."""


def keeping_logouts(source: Source) -> Iterator[bytes]:
    """Yield the logouts that a file defines and that neither take a player out of the world nor call one that does."""
    names = (*REMOVALS, *LOGOUTS, *_CLEANUPS)
    for function in functions(source):
        name, body = function_name(source, function), body_of(function)
        called = [
            called_name(source, each)
            for call in (of_type(body, "call_expression") if body is not None else ())
            if (each := call.child_by_field_name("function")) is not None
        ]
        if name.rpartition(b"::")[2] in LOGOUTS and not any(each in names for each in called):
            yield name


def asking_calls(site: Site, statement: Node) -> Iterator[Node]:
    """
    Yield the calls whose answer depends on whether a player is in the world, by whatever name it is reached.

    They ask an object for its place, look a player up, or use a map, which counts and walks over its players.
    """
    source = site.source
    for call in method_calls(source, statement):
        kind = declared_type(source, call.key, call.node, site.scope) or b""
        is_map = _MAP.fullmatch(kind) or _MAP_NAME.search(call.key.rpartition(b"->")[2].rpartition(b".")[2])
        if call.name in REMOVALS:
            continue
        if is_map or AFTERWARDS.fullmatch(call.name) or _LOOK_UP.fullmatch(call.name):
            yield call.node
    for each in of_type(statement, "call_expression"):
        function = each.child_by_field_name("function")
        if function is None or function.type not in ("identifier", "qualified_identifier"):
            continue
        if _LOOK_UP.fullmatch(called_name(source, function)) or b"ObjectAccessor::" in source.text(function):
            yield each


def letting_go(source: Source, scope: Node, end: int) -> Node | None:
    """
    Return what, before an offset of a function, parts a session from its player; None where nothing does.

    A logout that finds no player takes none out of the world.
    """
    for node in of_type(scope, "call_expression", "assignment_expression"):
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if node.start_byte >= end:
            break
        if function is not None and given is not None:
            name, owner = called_name(source, function), function.child_by_field_name("argument")
            target = owner if name in (b"reset", b"release", b"swap") else next(iter(given.named_children), None)
            is_moved = name in (b"reset", b"release", b"swap", b"exchange", b"move") and target is not None
            is_link = is_moved and target is not None and _LINKED.fullmatch(called_name(source, target)) is not None
            if _LETS_GO.fullmatch(name) or is_link:
                return node
        if left is not None and right is not None and not is_local(source, source.text(left), left, scope):
            name = called_name(source, left)
            if _LINK.fullmatch(name) or (_LINKED.fullmatch(name) and source.text(right) in _NULLS):
                return node
    return None
