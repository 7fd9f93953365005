"""
A call that is to be deferred, and the event that makes it: who is looked up, what is asked again, what is called.

The event holds the player's GUID and copies of what the call needs, never a pointer.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import re2
from tree_sitter import Node

from tasks.core.errors import RefusalError
from tasks.core.fixes.calls import MethodCall, method_calls
from tasks.core.fixes.captures import Capture
from tasks.core.fixes.declared import declared_type, initial_value, member_type
from tasks.core.fixes.expressions import key_of, operator_of
from tasks.core.fixes.guards import conditions
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import Layout, Source, ancestors, of_type

DELAY_MS = b"100"
"""How long after the call the event runs: long enough for the update that must end first, not felt by anybody."""

_NEEDS = {
    b"HandleMoveTeleportAck": (b"IsBeingTeleportedNear", True),
    b"ResurrectPlayer": (b"IsAlive", False),
    b"BuildPlayerRepop": (b"IsAlive", False),
}
"""What a player must still answer when the event runs, so that the call is not made a second time."""

_ASKS_THAT = {b"IsBeingTeleportedNear": rb"\w*Teleport\w*", b"IsAlive": rb"(?i)\w*(?:alive|dead|death|ghost)\w*"}
"""Questions in the code around that stand for one of these."""

_FINDERS = (b"FindConnectedPlayer", b"FindPlayer", b"GetPlayer")
_STATE = re2.compile(rb"[iI]s[A-Z]\w*|Has(?:Aura|\w*Flag)")
_CONSTANT = re2.compile(rb"(?:\w+::)*[A-Z][A-Z0-9_]+|\d+")
_WORLDLESS = frozenset({(b"IsInWorld", False), (b"IsBeingTeleportedFar", True)})
"""Questions and answers that say that a player is between two maps."""

_PREFIX = re2.compile(rb"^(?:m_|_)")


@dataclass(frozen=True, kw_only=True)
class Deferral:
    """A call that is to be deferred, and the player whose events shall run it."""

    site: Site
    call: MethodCall
    owner: Node
    sources: tuple[Source, ...]
    session: Node | None = None
    run: tuple[MethodCall, ...] = ()

    @property
    def source(self) -> Source:
        """The file of the call."""
        return self.site.source

    @property
    def spelled(self) -> bytes:
        """The owner as the source spells it."""
        return self.source.text(self.owner)

    @property
    def operator(self) -> bytes:
        """How the source goes on from the owner: ``->``, or ``.`` from a reference."""
        return operator_of(field_of(self.owner)).encode()

    @property
    def name(self) -> bytes:
        """The name of the owner within the event."""
        plain: bytes = _PREFIX.sub(rb"", self.spelled)
        return plain

    def __str__(self) -> str:
        return f"{show(self.site.frame.file or '').rpartition('/')[2]}:{self.call.line}"


def field_of(owner: Node) -> Node:
    """Return the expression that goes on from the owner: ``player->GetSession``."""
    parent = owner.parent
    assert parent is not None
    return parent


def type_of(deferral: Deferral) -> bytes | None:
    """Return the type of the owner as it is declared; None where it is not."""
    source, name = deferral.source, deferral.spelled
    return declared_type(source, name, deferral.call.node, deferral.site.scope) or member_type(deferral.sources, name)


def event_body(deferral: Deferral, guid: bytes, style: Layout, captured: list[Capture]) -> list[bytes]:
    """Return the lines of the event: look the player up, ask for its state, make the call."""
    name = deferral.name
    kind = (type_of(deferral) or b"Player*").partition(b"*")[0].replace(b"const", b"").strip()
    kind = kind.strip(b"& ")
    kind = kind if kind and kind != b"auto" else b"Player"
    checks = [b"!" + name, *_states(deferral)]
    call = b"\n".join([_call_of(deferral, captured), *(_next_call(deferral, each) for each in deferral.run)])
    leave = [b"if (%b)" % b" || ".join(checks), style.unit + b"return;"]
    if style.braces_single:
        opening = [leave[0], b"{"] if style.own_line_braces else [leave[0] + b" {"]
        leave = [*opening, leave[1], b"}"]
    finder = _finder(deferral.sources)
    return [b"%b* %b = ObjectAccessor::%b(%b);" % (kind, name, finder, guid), *leave, b"", *call.splitlines()]


def _call_of(deferral: Deferral, captured: list[Capture]) -> bytes:
    """Return the call as the event makes it: on the player that was looked up, with what was kept."""
    source, node = deferral.source, deferral.call.node
    changes = [(each.node, each.name) for each in captured if each.node is not None]
    if deferral.session is not None:
        changes.append((deferral.session, deferral.name + b"->GetSession()"))
    else:
        changes.append((deferral.owner, deferral.name))
        changes.append((field_of(deferral.owner).children[1], b"->"))
    text, start = source.text(node), node.start_byte
    for each, new in sorted(changes, key=lambda change: -change[0].start_byte):
        text = text[: each.start_byte - start] + new + text[each.end_byte - start :]
    first, *rest = text.splitlines()
    indent = source.indent(deferral.call.statement.start_byte)
    return b"\n".join([first, *(line.removeprefix(indent) for line in rest)]) + b";"


def _next_call(deferral: Deferral, call: MethodCall) -> bytes:
    """Return a call behind the first one as the event makes it."""
    source, node, operator = deferral.source, call.node, field_of(call.object).children[1]
    text, start = source.text(node), node.start_byte
    return deferral.name + b"->" + text[operator.end_byte - start :] + b";"


def _states(deferral: Deferral) -> list[bytes]:
    """Return the tests that refuse the call: the states that the code around asks for, and that the player is there."""
    source, found = deferral.source, []
    for condition, is_true in conditions(deferral.call.node, deferral.site.scope):
        for place, call in _asked(deferral, condition):
            if call.key != key_of(source, deferral.owner) or not _STATE.fullmatch(call.name) or not _is_constant(call):
                continue
            parts = [each.type for each in ancestors(place, condition)] if place != condition else []
            is_negated = parts[:1] == ["unary_expression"]
            joins = [operator_of(each) for each in ancestors(place, condition)] if parts else []
            if is_true and any(each in ("||", "==", "!=") for each in joins):
                continue
            wanted = is_true != is_negated
            if (call.name, wanted) in _WORLDLESS:
                raise RefusalError(
                    f"The call at {deferral} is made while `{show(deferral.spelled)}` is in no world: its events don't"
                    " run then."
                )
            given = b", ".join(source.text(each) for each in call.arguments)
            test = b"%b%b->%b(%b)" % (b"!" if wanted else b"", deferral.name, call.name, given)
            found.append(test)
    in_world = b"->IsInWorld()"
    if not any(test.endswith(in_world) for test in found):
        found.insert(0, b"!%b%b" % (deferral.name, in_world))
    if (needed := _needed_state(deferral, found)) is not None:
        found.append(needed)
    return list(dict.fromkeys(found))


def _asked(deferral: Deferral, condition: Node) -> Iterator[tuple[Node, MethodCall]]:
    """Yield the questions of a condition with where they stand: themselves, or a variable that keeps the answer."""
    source, scope = deferral.source, deferral.site.scope
    yield from ((call.node, call) for call in method_calls(source, condition))
    for leaf in of_type(condition, "identifier"):
        value = initial_value(source, source.text(leaf), leaf, scope)
        for call in method_calls(source, value) if value is not None and value.type == "call_expression" else ():
            if call.node == value:
                yield leaf, call


def _is_constant(call: MethodCall) -> bool:
    """Say whether a question has no arguments, or constants alone: an event can ask it again."""
    return all(each.text is not None and _CONSTANT.fullmatch(each.text) is not None for each in call.arguments)


def needed_answers(deferral: Deferral) -> "re2._Regexp[bytes] | None":
    """Return the names of the questions whose answers the call changes; None where it changes none that is known."""
    question = _NEEDS.get(deferral.call.name, (b"", True))[0]
    return re2.compile(_ASKS_THAT[question]) if question else None


def _needed_state(deferral: Deferral, found: list[bytes]) -> bytes | None:
    """Return the test that the call itself needs, where nothing asks for it yet and the player may have it."""
    question, answer = _NEEDS.get(deferral.call.name, (b"", True))
    names = [test.rpartition(b"->")[2].removesuffix(b"()") for test in found]
    if not question or any(re2.fullmatch(_ASKS_THAT[question], name) for name in names):
        return None
    texts = [source.compiled for source in deferral.sources]
    is_known = not any(re2.search(rb"\b(?:class|struct)\s+Player\b[^;{}()]*\{", text) for text in texts)
    if not is_known and not any(question in text for text in texts):
        return None
    return b"%b%b->%b()" % (b"!" if answer else b"", deferral.name, question)


def _finder(sources: tuple[Source, ...]) -> bytes:
    """Return by which function the sources look a player up; a teleported player is in no world, but connected."""
    text = b"".join(source.compiled for source in sources)
    return next((name for name in _FINDERS if b"ObjectAccessor::%b(" % name in text), _FINDERS[0])


def delay_of(source: Source) -> bytes:
    """Return the delay of the event as the file spells such times."""
    is_spelled = re2.search(rb"\bMilliseconds\(\d", source.compiled) and not re2.search(rb"\b\d+ms\b", source.compiled)
    return b"Milliseconds(%b)" % DELAY_MS if is_spelled else DELAY_MS + b"ms"
