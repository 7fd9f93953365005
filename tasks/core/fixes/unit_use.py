"""Which unit a line of the source uses as one in the world: by a call on it, or by a walk over what is near it."""

from collections.abc import Iterator
from dataclasses import dataclass

import re2
from tree_sitter import Node

from tasks.core.fixes import syntax
from tasks.core.fixes.calls import MethodCall, method_calls
from tasks.core.fixes.declared import declared_type, initial_value, member_type
from tasks.core.fixes.expressions import called_name, declared_name, key_of, operator_of
from tasks.core.fixes.presence import DATA
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import Source, of_type

_KINDS = re2.compile(
    rb"(?:^|\W)(Player|Unit|Creature|WorldObject|Pet|Minion|TempSummon|GameObject)\s*(?:const\s*)?(?:\*|>|&$)"
)
_NAMES = re2.compile(rb"(?i)(?:m_|_)?(?:bot|player|unit|creature|master|leader|member|victim)")
_GETTER = re2.compile(rb"^Get([A-Z]\w*)\(\)$")
_GIVES = re2.compile(
    rb"\b(?:(GetSource\(\)|\w*(?:Get|Find|To)\w*(?:Player|Bot)\w*\([^()]*\))|\w*(?:Get|To)(?:Unit|Creature|Victim)\([^()]*\))$"
)
"""What an `auto` variable is made from: a player, as the first group, or another unit."""

_SAME = re2.compile(rb"->To[A-Z]\w*\(\)$")
"""What makes the same unit of another class."""

_VISIT = re2.compile(rb"Cell::Visit\w*Objects")


@dataclass(frozen=True, kw_only=True)
class UnitUse:
    """A statement that uses a unit as one in the world."""

    site: Site
    call: MethodCall
    is_player: bool

    @property
    def statement(self) -> Node:
        """The statement that is to be guarded."""
        return self.call.statement

    @property
    def unit(self) -> bytes:
        """The unit as the source spells it."""
        return self.site.source.text(self.call.object)

    @property
    def name(self) -> bytes:
        """The name by which later lines mention the unit: the variable, the member, or the getter."""
        return self.call.key.rpartition(b">")[2].removesuffix(b"()")

    @property
    def names(self) -> set[bytes]:
        """The name, and the variables that the function gave the same unit before."""
        source, key, found = self.site.source, self.call.key, {self.name}
        for each in of_type(self.site.scope, "init_declarator"):
            named, value = declared_name(each), each.child_by_field_name("value")
            if named is None or value is None or each.start_byte > self.statement.start_byte:
                continue
            if _SAME.sub(rb"", key_of(source, value)) == key:
                found.add(source.text(named))
        return found

    def __str__(self) -> str:
        return f"{show(self.site.frame.file or '').rpartition('/')[2]}:{self.call.line}"


def unit_use(site: Site, sources: tuple[Source, ...]) -> UnitUse | None:
    """Return the use on the frame's line: the first call on a unit, else the first walk over what is near one."""
    called = list(method_calls(site.source, site.scope))
    called.sort(key=lambda each: DATA.fullmatch(each.name) is not None)
    for call in (*called, *_visits(site)):
        if not call.node.start_point.row <= site.row <= call.node.end_point.row:
            continue
        kind = declared_type(site.source, call.key, call.node, site.scope) or member_type(sources, call.key)
        found = _KINDS.search(kind) if kind else None
        if not (_is_by_pointer(call) or (found and kind is not None and kind.endswith(b"&"))):
            continue
        is_open = kind is None or kind.startswith(b"auto")
        value = initial_value(site.source, call.key, call.node, site.scope) if is_open else None
        if value is not None and (given := _GIVES.search(site.source.text(value))):
            return UnitUse(site=site, call=call, is_player=given[1] is not None)
        named = _GETTER.sub(rb"\1", call.key)
        if found or (is_open and _NAMES.fullmatch(named)):
            is_player = found[1] == b"Player" if found else bool(re2.search(rb"(?i)bot|player|leader|master", named))
            return UnitUse(site=site, call=call, is_player=is_player)
    return None


def _is_by_pointer(call: MethodCall) -> bool:
    function = call.node.child_by_field_name("function")
    return function is not None and operator_of(function) != "."


def _visits(site: Site) -> Iterator[MethodCall]:
    """Yield the calls such as ``Cell::VisitAllObjects(unit, visitor, range)``, which go by the unit's map."""
    for node in of_type(site.scope, "call_expression"):
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        statement = syntax.statement_of(node)
        if function is None or given is None or statement is None or not given.named_children:
            continue
        unit = given.named_children[0]
        if unit.type == "identifier" and _VISIT.fullmatch(site.source.text(function)):
            key = key_of(site.source, unit)
            name = called_name(site.source, function)
            yield MethodCall(node=node, statement=statement, object=unit, key=key, name=name, arguments=())
