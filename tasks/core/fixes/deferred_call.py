"""
The template `deferred-call`: what must not run in the middle of an update is handed to the object's own events.

A bot's code acknowledges a teleport at once, or calls into the map from a thread of its own. The call moves into
`m_Events.AddEventAtOffset`, where it runs in the object's next update. The event holds the object's GUID and copies of
what the call needs, never a pointer: the object is looked up again, and its state asked for again, when it runs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

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
    own_calls,
    sites,
)
from tasks.core.fixes.captures import captures_of
from tasks.core.fixes.contract import FromFrames, Proposal
from tasks.core.fixes.declared import initial_value
from tasks.core.fixes.deeds import told_done
from tasks.core.fixes.deferral import DELAY_MS, Deferral, delay_of, event_body, needed_answers, type_of
from tasks.core.fixes.expressions import called_name, is_assigned
from tasks.core.fixes.guarding import Writer
from tasks.core.fixes.guards import later_statements, mentions
from tasks.core.fixes.reliance import LOG, bracket, keeper, kin, teller
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import LOOPS, Source, ancestors, bare, is_broken, layout, of_type, walk
from tasks.core.fixes.workers import worker_of
from tasks.core.hierarchy import Level

_DEFERRED = re2.compile(
    rb"HandleMoveTeleportAck\w*|HandleRepopRequest\w*|ResurrectPlayer|BuildPlayerRepop|RepopAtGraveyard"
)
"""Calls of these servers that change an object's place or life, and so belong into its own update."""

_GUIDS = (b"guid", b"playerGuid", b"botGuid", b"ownGuid")
_PLAYER = re2.compile(rb"(?:const\s+)?(?:class\s+)?(?:(?:\w+::)*\w*Player|auto)\s*(?:const)?\s*[*&]?(?:\s*const)?")
"""The types of a plain pointer to a player; `member_type` and `auto` may leave the star out."""

_NEXT = re2.compile(
    rb"Teleport|Engine|Strateg|Follow|Attack|Heal|Revive|Resurrect|Respawn|Spawn|Summon|Move[A-Z]|Relocate"
)
"""What is done with a player that lives again, or stands elsewhere."""

_OF_AI = re2.compile(rb"(?:m_|_)?(?:bot|player)?(?:[aA][iI]|[cC]ontext)(?:->|\.)")
_TELLS = re2.compile(rb"Tell|Say|Whisper|Log|SetNextCheckDelay|Ping")
"""What a bot's own mind is called, and what it does whether the bot lives or not."""

_STATE_NAME = re2.compile(rb"(?i)(?:m_|_)?\w*(?:state|status|phase|stage)_?")
_EVENTS = re2.compile(rb"(?i)\w*(addevent|schedule|queue)\w*")
_GOES = re2.compile(rb"(?i)log_?out\w*|kick\w*|RemoveFromWorld|RemovePlayerFromMap|KillAllEvents|CleanupsBeforeDelete")
"""What ends the events of a player."""


class DeferredCall(FromFrames):
    """Run a call in the next update of its object instead of at once."""

    slug = "deferred-call"
    version = 6
    summary = "runs a call in the next update of its object, which is looked up again by its GUID"
    level: Level = "module only"

    def propose(self, crash: Crash, sources: Mapping[str, bytes]) -> Proposal:
        """
        Propose the event that makes the call.

        Raises:
            RefusalError: no frame makes such a call, it runs in an event already, or needs what can't be kept for it.
        """
        parsed = {path: syntax.parse(content) for path, content in sources.items()}
        found = [each for site in sites(crash, parsed) for each in _calls(site)]
        if not found:
            raise RefusalError("No frame with source of ours makes a call that belongs into the update of a player.")
        deferral = _deferral(*found[0], sources=tuple(parsed.values()))
        edits = [_edit(deferral)]
        if (unused := _unused_session(deferral)) is not None:
            edits.insert(0, Writer.at(deferral.site).remove(unused))
        edits += Writer.at(deferral.site).remove_all([each.statement for each in deferral.run])
        return Proposal(
            edits=tuple(edits),
            explanation=f"Hands `{show(deferral.source.text(deferral.call.node))}` at {deferral}"
            f"{' and what is called behind it' if deferral.run else ''} to the events of"
            f" `{show(deferral.spelled)}`, which run it {DELAY_MS.decode()} ms later on the thread of the map. Made at"
            " once it runs amid the update or beside it, and what that update still uses is gone.",
        )


def _calls(site: Site) -> Iterator[tuple[Site, MethodCall]]:
    """Yield the calls on the frame's line that can be deferred, else those of its function."""
    found = [each for each in method_calls(site.source, site.scope) if _DEFERRED.fullmatch(each.name)]
    on_line = [each for each in found if each.node.start_point.row <= site.row <= each.node.end_point.row]
    if not on_line and len(found) > 1:
        raise RefusalError(f"Several calls of {site} belong into the update of a player, and none is on its line.")
    for each in on_line or found:
        yield site, each


def _deferral(site: Site, call: MethodCall, *, sources: tuple[Source, ...]) -> Deferral:
    session = _session(site, call)
    owner = session[1] if session else _owner(site.source, call)
    deferral = Deferral(site=site, call=call, owner=owner, sources=sources, session=session[0] if session else None)
    if session is None:
        deferral = replace(deferral, run=tuple(_run(deferral)))
    if is_broken(call.statement, site.scope):
        raise RefusalError(f"The parser does not understand {deferral}, perhaps for a macro.")
    if not call.is_whole and not _is_returned(deferral):
        raise RefusalError(f"The value of the call at {deferral} is needed at once.")
    if _is_in_event(site.source, call.node):
        raise RefusalError(f"The call at {deferral} is made by an event already.")
    if worker := worker_of(site.source, call.node):
        raise RefusalError(
            f"`{show(worker)}` runs {deferral} on another thread, and from there no event may be added: the map walks"
            " over them. The session's queue is the way."
        )
    if asking := _asked_by_caller(deferral):
        raise RefusalError(
            f"`{show(asking)}` in a function that calls the one of {deferral} asks for what the call leaves."
        )
    kind = type_of(deferral)
    if deferral.operator == b"." and not (kind or b"").endswith(b"&"):
        raise RefusalError(f"`{show(site.source.text(owner))}` is no pointer, so its object can't be looked up again.")
    if kind is not None and not _PLAYER.fullmatch(kind):
        raise RefusalError(
            f"`{show(deferral.spelled)}` is a {show(kind)}, and how one is found by its GUID is not known."
        )
    _check_around(deferral)
    return deferral


def _run(deferral: Deferral) -> Iterator[MethodCall]:
    """Yield the calls on the player right behind the call, which go with it: they need what it leaves."""
    source, site = deferral.source, deferral.site
    if deferral.call.statement.type != "expression_statement":
        return
    calls = {each.node.id: each for each in method_calls(source, site.scope) if each.key == deferral.call.key}
    following = deferral.call.statement.next_named_sibling
    while following is not None and following.type == "expression_statement" and following.named_children:
        call = calls.get(following.named_children[0].id)
        if call is None or call.object.type != "identifier" or _GOES.fullmatch(call.name):
            return
        yield call
        following = following.next_named_sibling


def _check_around(deferral: Deferral) -> None:
    """Refuse where something behind the call may rely on it, or something around it lasts only as long as it does."""
    source, statement, scope = deferral.source, deferral.call.statement, deferral.site.scope
    run = [each.statement for each in deferral.run]
    behind = [each for each in later_statements(statement, scope) if each not in run]
    later = [each for each in behind if not LOG.match(source.text(each)) and not _is_other_teleport(deferral, each)]
    if mentions(source, later, deferral.spelled):
        raise RefusalError(f"`{show(deferral.spelled)}` is used again after {deferral}, as the call leaves it.")
    for name in sorted(kin(source, statement, deferral.spelled, scope)):
        if mentions(source, later, name):
            raise RefusalError(
                f"`{show(name)}`, which leads to the same player, is used after {deferral}, as the call leaves it."
            )
    if gone := next(
        (each for node in later for each in method_calls(source, node) if _GOES.fullmatch(each.name)), None
    ):
        raise RefusalError(
            f"`{show(source.text(gone.node))}` after {deferral} may take the player with its events away."
        )
    if going_on := next((each for node in later for each in _going_on(source, node)), None):
        raise RefusalError(f"`{show(source.text(going_on))}` after {deferral} goes on from what the call leaves.")
    if told := teller(source, later, scope):
        raise RefusalError(f"`{show(source.text(told))}` after {deferral} would tell of what has not been done yet.")
    if said := told_done(source, later) or _new_state(source, later):
        raise RefusalError(f"`{show(source.text(said))}` after {deferral} would say what is not so yet.")
    if kept := keeper(source, statement, scope):
        raise RefusalError(f"What `{show(source.text(kept))}` does would end before the event of {deferral} runs.")
    if begun := bracket(source, statement, later, scope, ()):
        raise RefusalError(f"`{show(begun)}` ends what was begun before {deferral}, and the event would run behind it.")
    if any(each.type == "try_statement" for each in ancestors(statement, scope)):
        raise RefusalError(f"What the call at {deferral} throws is caught around it, and nothing would catch it later.")


def _asked_by_caller(deferral: Deferral) -> bytes | None:
    """Return what a caller in the files at hand asks of a player behind the call of the function."""
    wanted = needed_answers(deferral)
    name = function_name(deferral.source, deferral.site.scope).rpartition(b"::")[2]
    for source in deferral.sources:
        for call in own_calls(source, source.root) if name and wanted is not None else ():
            around = function_around(call.node)
            if call.name != name or around is None:
                continue
            for each in (call.statement, *later_statements(call.statement, around)):
                for asked in method_calls(source, each):
                    if (
                        wanted is not None
                        and wanted.fullmatch(asked.name)
                        and asked.node.start_byte > call.node.end_byte
                    ):
                        return source.text(asked.node)
    return None


def _going_on(source: Source, statement: Node) -> Iterator[Node]:
    """Yield the calls of a later statement that move somebody, or set up what is done next."""
    for call in of_type(statement, "call_expression"):
        function = call.child_by_field_name("function")
        if function is None:
            continue
        name = called_name(source, function)
        is_of_ai = _OF_AI.match(source.text(function)) is not None and not _TELLS.match(name)
        if is_of_ai or _NEXT.search(name):
            yield call


def _new_state(source: Source, following: list[Node]) -> Node | None:
    """Return a later assignment of a constant to a member that holds a state: ``m_state = STATE_ALIVE``."""
    for statement in following:
        for each in of_type(statement, "assignment_expression"):
            left, right = each.child_by_field_name("left"), each.child_by_field_name("right")
            is_state = left is not None and _STATE_NAME.fullmatch(called_name(source, left)) is not None
            if is_state and right is not None and right.type in ("identifier", "qualified_identifier"):
                return each
    return None


def _is_other_teleport(deferral: Deferral, statement: Node) -> bool:
    """
    Say whether a statement behind the acknowledgement of a near teleport is all for the far one.

    A player is on its way by one of them at a time, and what is to be done for the far one hangs on its own question.
    """
    condition = statement.child_by_field_name("condition")
    kinds = ("if_statement", "while_statement")
    if condition is None or statement.type not in kinds or not deferral.call.name.startswith(b"HandleMoveTeleportAck"):
        return False
    asked = b"".join(deferral.source.text(bare(condition)).split())
    return asked == deferral.spelled + deferral.operator + b"IsBeingTeleportedFar()" and (
        statement.child_by_field_name("alternative") is None
    )


def _session(site: Site, call: MethodCall) -> tuple[Node, Node] | None:
    """Return the variable of a session, and the player whose it is: ``session = player->GetSession()``."""
    source, node = site.source, bare(call.object)
    value = initial_value(source, source.text(node), call.node, site.scope) if node.type == "identifier" else None
    function = value.child_by_field_name("function") if value is not None else None
    player = function.child_by_field_name("argument") if function is not None else None
    if value is None or function is None or player is None or player.type != "identifier":
        return None
    span = range(value.end_byte, call.node.start_byte)
    is_kept = not any(is_assigned(source, source.text(each), [site.scope], span) for each in (node, player))
    return (node, player) if called_name(source, function) == b"GetSession" and is_kept else None


def _unused_session(deferral: Deferral) -> Node | None:
    """Return the declaration of the session's variable where nothing but the call uses it."""
    if deferral.session is None:
        return None
    source, name = deferral.source, deferral.source.text(deferral.session)
    found = [each for each in walk(deferral.site.scope) if each.type == "identifier" and source.text(each) == name]
    return syntax.statement_of(found[0]) if len(found) == 2 else None


def _owner(source: Source, call: MethodCall) -> Node:
    """Return the player of ``player->GetSession()->HandleX()`` or ``player->X()``."""
    node = bare(call.object)
    if node.type == "call_expression":
        function = node.child_by_field_name("function")
        target = function.child_by_field_name("argument") if function is not None else None
        if function is None or target is None or not source.text(function).endswith(b"GetSession"):
            raise RefusalError(f"Whose call `{show(source.text(call.node))}` is, is not told by the source.")
        node = bare(target)
    if node.type != "identifier":
        raise RefusalError(
            f"`{show(source.text(node))}` is no variable or member whose object could be looked up again."
        )
    if re2.search(rb"(?i)session", source.text(node)):
        raise RefusalError(f"`{show(source.text(node))}` is a session: which player's events shall run the call?")
    return node


def _is_in_event(source: Source, node: Node) -> bool:
    for each in ancestors(node):
        holder = each.parent.parent if each.type == "lambda_expression" and each.parent is not None else None
        function = holder.child_by_field_name("function") if holder is not None else None
        if function is not None and _EVENTS.fullmatch(source.text(function).rpartition(b"->")[2].rpartition(b".")[2]):
            return True
        if each.type == "function_definition" and re2.search(rb"\bExecute\s*\(\s*uint64", source.text(each)[:400]):
            return True
    return False


def _is_returned(deferral: Deferral) -> bool:
    """Say whether a function without a value ends with the call: ``return player->BuildPlayerRepop();``."""
    source, statement, scope = deferral.source, deferral.call.statement, deferral.site.scope
    if statement.type != "return_statement" or statement.named_children != [deferral.call.node]:
        return False
    kind, declarator = scope.child_by_field_name("type"), scope.child_by_field_name("declarator")
    if scope.type == "lambda_expression":
        parts = declarator.named_children if declarator is not None else []
        return not any(each.type == "trailing_return_type" and b"void" not in source.text(each) for each in parts)
    is_plain = declarator is not None and declarator.type == "function_declarator"
    return kind is not None and source.text(kind) == b"void" and is_plain


def _is_last(deferral: Deferral) -> bool:
    """Say whether a function ends where the statement does, without another that a return would leave out."""
    child = deferral.call.statement
    for parent in ancestors(child, deferral.site.scope):
        if parent.type == "compound_statement":
            inner = [each for each in parent.named_children if each.type != "comment"]
            if inner[-1] != child:
                return False
        elif parent == deferral.site.scope:
            return True
        elif parent.type not in ("if_statement", "else_clause"):
            return False
        child = parent
    return False


def _edit(deferral: Deferral) -> SourceEdit:
    source, statement, site = deferral.source, deferral.call.statement, deferral.site
    loop_end = _end_of_loop(deferral)
    writer = Writer.at(site)
    style = layout(source, site.scope)
    calls = (deferral.call, *deferral.run)
    captured = list({each.name: each for call in calls for each in captures_of(deferral.site, call)}.values())
    kept = [each.name for each in captured]
    if deferral.name in kept:
        raise RefusalError(
            f"`{show(deferral.name)}` would be the player that is looked up, and the call needs another."
        )
    guid = next((each for each in _GUIDS if each not in (*kept, deferral.name)), None)
    if guid is None:
        raise RefusalError(f"All names for the player's GUID are taken at {deferral}.")
    own = b"%b = %b%bGetGUID()" % (guid, deferral.spelled, deferral.operator)
    captures = b", ".join([own, *(each.text for each in captured)])
    mutable = b" mutable" if kept else b""
    lines = [
        b"%b%bm_Events.AddEventAtOffset([%b]()%b" % (deferral.spelled, deferral.operator, captures, mutable),
        b"{",
        *(style.unit + line if line else b"" for line in event_body(deferral, guid, style, captured)),
        b"}, %b);" % delay_of(source),
    ]
    if not style.own_line_braces:
        lines[:2] = [lines[0] + b" {"]
    is_left = statement.type == "return_statement" and not _is_last(deferral)
    lines += [b"break;"] if loop_end else [b"return;"] if is_left else []
    parent = statement.parent
    if parent is not None and parent.type not in syntax.BLOCKS and loop_end:
        raise RefusalError(f"The call at {deferral} is all that its loop runs.")
    return writer.replace_by_lines(statement, lines, is_one=not is_left)


def _end_of_loop(deferral: Deferral) -> bool:
    """
    Say whether the call ends the body of a loop that waits for it, which then has to be left.

    Raises:
        RefusalError: the loop around goes on with more.
    """
    source, statement = deferral.source, deferral.call.statement
    loop = next((each for each in ancestors(statement, deferral.site.scope) if each.type in LOOPS), None)
    if loop is None or loop.type in ("for_statement", "for_range_loop"):
        return False
    condition = loop.child_by_field_name("condition")
    if condition is None or base_name(source, deferral.owner) not in source.text(condition):
        return False
    body = loop.child_by_field_name("body")
    inner = [each for each in body.named_children if each.type != "comment"] if body is not None else []
    if statement not in inner[-1:]:
        raise RefusalError(f"The loop around {deferral} waits for what the call does, and goes on after it.")
    return True
