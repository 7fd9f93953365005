"""
The template `state-validation`: a unit is asked whether it is in the world before it is used there.

A bot that is about to leave its map, or is being teleported, has no map, no grid and no neighbours. Where the crash
shows such a use, the statement runs only while the unit is in the world and, for a player, not being teleported.
"""

from collections.abc import Mapping

import re2
from tree_sitter import Node

from tasks.core.crash import Crash
from tasks.core.edits import SourceEdit
from tasks.core.errors import RefusalError
from tasks.core.fixes import syntax
from tasks.core.fixes.answers import check_not_ordering
from tasks.core.fixes.calls import MethodCall, method_calls, sites
from tasks.core.fixes.contract import FromFrames, Proposal
from tasks.core.fixes.deeds import check_deed, told_done
from tasks.core.fixes.exits import exit_before
from tasks.core.fixes.expressions import called_name, declared_name, is_asked_anew, is_repeatable, operator_of
from tasks.core.fixes.guarding import Writer
from tasks.core.fixes.guards import (
    exits,
    is_assertion,
    is_conditional,
    later_statements,
    mentions,
)
from tasks.core.fixes.presence import ANYWHERE, DATA, ENTERING, LOGOUTS
from tasks.core.fixes.questions import IN_WORLD, TELEPORTED, open_questions, unit_of
from tasks.core.fixes.reliance import bracket, strikes_out, teller
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.skipping import check_written, enclosing_loop_of, is_counted_behind
from tasks.core.fixes.success import is_success_without
from tasks.core.fixes.sums import other_part, other_returned
from tasks.core.fixes.syntax import LOOPS, Source, ancestors, bare, body_of, field, is_broken, of_type, walk
from tasks.core.fixes.turns import goes_on
from tasks.core.fixes.unit_use import UnitUse, unit_use
from tasks.core.fixes.unit_way import check_settled
from tasks.core.hierarchy import Level

_MAX_MOVED_LINES = 40
_LEAVES = ("return_statement", "break_statement", "continue_statement", "goto_statement", "throw_statement")
_MAPS = (b"GetMap", b"FindMap", b"GetInstanceScript")
_NAME_NODES = ("identifier", "field_identifier")


class StateValidation(FromFrames):
    """Use a unit only while it is in the world."""

    slug = "state-validation"
    version = 4
    summary = "asks whether a unit is in the world, and not being teleported, before it is used there"
    level: Level = "module only"

    def propose(self, crash: Crash, sources: Mapping[str, bytes]) -> Proposal:
        """
        Propose the test before the use.

        Raises:
            RefusalError: no frame uses a unit, its state is asked for already, or the use can't be left out.
        """
        parsed = {path: syntax.parse(content) for path, content in sources.items()}
        found = sites(crash, parsed)
        uses = [use for site in found if (use := unit_use(site, tuple(parsed.values())))]
        if found and not (uses and uses[0].site == found[0]) and _logs_out(found[0]):
            raise RefusalError(f"The function around {found[0]} logs a player out, which must go on.")
        if not uses:
            raise RefusalError("No frame with source of ours uses a player or another unit of the world on its line.")
        edit, change = _edit(uses[0])
        return Proposal(
            edits=(edit,),
            explanation=f"{change} A unit that leaves its map, or is on its way to another one, has none of what the"
            " call needs.",
        )


def _logs_out(site: Site) -> bool:
    calls = (each.child_by_field_name("function") for each in of_type(site.scope, "call_expression"))
    return any(each is not None and called_name(site.source, each) in LOGOUTS for each in calls)


def _edit(use: UnitUse) -> tuple[SourceEdit, str]:
    """Return the edit and its sentence: leave the statement out, a part of it, or give up before it."""
    site, statement = use.site, use.statement
    questions = open_questions(site, use.call, is_player=use.is_player)
    _check(use, questions)
    behind = [each for each in later_statements(statement, site.scope) if not exits(each)]
    is_needed = _is_needed(use, behind) or statement.type == "declaration"
    is_needed = is_needed or is_counted_behind(site, statement, behind)
    words = {IN_WORLD: "in the world", TELEPORTED: "not being teleported"}
    states = f"`{show(use.unit)}` is {' and '.join(words[each] for each in questions)}"
    is_success, writer, holds = is_success_without(site, statement), Writer.at(site), _holds(use, questions)
    if statement.type == "expression_statement" and not is_needed and not is_success:
        _check_value(use)
        check_deed(site, statement, use.call.key)
        if told := told_done(site.source, behind):
            raise RefusalError(f"`{show(site.source.text(told))}` would tell of what has not been done at {use}.")
        return writer.only_if(statement, holds), f"Runs `{_shown(use)}` at {use} only while {states}."
    part = _part(use, is_needed=is_needed)
    if part is not None:
        is_whole = part == _plain_condition(use)
        edit = writer.require_first(part, holds) if is_whole else writer.test_operand(part, holds, "&&")
        return edit, f"The condition at {use} holds only while {states}."
    if _is_walked(use) and not is_needed and not is_success:
        return writer.run_if(statement, statement, holds), f"Runs the statement at {use} only while {states}."
    if statement.type not in ("expression_statement", "declaration", "return_statement") and not (
        _leaves(use) or _is_walked(use)
    ):
        raise RefusalError(f"The use at {use} is in the head of another statement.")
    if not is_success and (last := _end_of_run(use, behind)) is not None:
        if is_success_without(site, last):
            raise RefusalError(f"Without the calls at {use} the function would tell its caller of success.")
        _check_value(use)
        return writer.run_if(statement, last, holds), (
            f"Runs `{_shown(use)}` at {use} and the calls behind it only while {states}."
        )
    leave = exit_before(site, statement)
    _check_number(use, leave)
    _check_skipped(use, _left_by(use, behind, leave))
    edit = writer.leave_unless(statement, _fails(use, questions), leave)
    return edit, f"Leaves with `{show(leave)}` before {use} unless {states}."


def _check_number(use: UnitUse, leave: bytes) -> None:
    """Refuse to give a number for nothing, where other parts of it count without the unit's place."""
    site, statement, place = use.site, use.statement, use.call.node
    if not re2.fullmatch(rb"return -?[\d.]+\w?;", leave):
        return
    other = other_returned(site, statement, later_statements(statement, site.scope), {use.name})
    if statement.type == "return_statement":
        span = range(place.start_byte, place.end_byte)
        other = other_part(site, statement, place, lambda node: node.start_byte <= span.start < node.end_byte)
    if other is not None:
        raise RefusalError(f"`{show(site.source.text(other))}` at {use} counts without the unit's place as well.")


def _check(use: UnitUse, questions: list[bytes]) -> None:
    """Refuse where the use is no fault of the unit's state, or is just made for a unit that is on its way."""
    site, statement, source = use.site, use.statement, use.site.source
    if is_broken(statement, site.scope):
        raise RefusalError(f"The parser does not understand {use}, perhaps for a macro.")
    if not questions:
        raise RefusalError(f"`{show(use.unit)}` is asked for its state already before {use}.")
    if DATA.fullmatch(use.call.name):
        raise RefusalError(f"`{show(source.text(use.call.node))}` at {use} does not depend on the world.")
    # What a map or a group is asked for says nothing of the unit.
    asked = [each for each in method_calls(source, statement) if each.key == use.call.key or each.name[:2] != b"Is"]
    if any(ENTERING.fullmatch(each.name) for each in asked):
        raise RefusalError(
            f"The statement at {use} asks for a unit's state, or moves, saves or removes it, and that may be right just"
            " while it is not in the world."
        )
    if not is_repeatable(source, use.call.object) and not is_asked_anew(source, use.call.object, site.scope):
        raise RefusalError(f"`{show(use.unit)}` is the result of a call, which must not run twice.")
    if is_conditional(use.call.node, statement) or is_assertion(source, statement.named_children[0]):
        raise RefusalError(f"Only a part of the statement at {use} uses `{show(use.unit)}`.")
    if other := next((each for each in method_calls(source, statement) if _needs_map(use, each)), None):
        raise RefusalError(
            f"`{show(source.text(other.node))}` at {use} needs a unit in the world as well: which was not?"
        )
    check_not_ordering(site)
    check_settled(use)


def _needs_map(use: UnitUse, call: MethodCall) -> bool:
    """Say whether a call on the line asks another unit for its map, as the use itself does."""
    is_of_use = call.node.start_byte <= use.call.node.start_byte < call.node.end_byte
    return call.name in _MAPS and use.call.name in _MAPS and call.key != use.call.key and not is_of_use


def _part(use: UnitUse, *, is_needed: bool) -> Node | None:
    """
    Return the condition, or the operand of a condition or of an answer, before which the test stands; None without one.

    Raises:
        RefusalError: another part of an answer holds without the unit, and what is behind needs it.
    """
    statement, value = use.statement, _plain_condition(use)
    if value is not None and not is_needed and not exits(field(statement, "consequence")):
        return _operand(use, value)
    other = _other_answer(use)
    if other is not None and is_needed:
        raise RefusalError(f"`{show(use.site.source.text(other))}` at {use} says yes without the unit as well.")
    return _operand(use, bare(statement.named_children[0])) if other is not None else None


def _plain_condition(use: UnitUse) -> Node | None:
    """Return the condition of an `if` without an `else` in whose condition the unit is used."""
    statement = use.statement
    clause = statement.child_by_field_name("condition") if statement.type == "if_statement" else None
    value = clause.child_by_field_name("value") if clause is not None else None
    is_plain = value is not None and value.type != "declaration" and clause is not None
    is_here = value is not None and value.start_byte <= use.call.node.start_byte < value.end_byte
    return value if is_plain and is_here and statement.child_by_field_name("alternative") is None else None


def _operand(use: UnitUse, condition: Node) -> Node:
    """Return the operand of a condition that uses the unit, or all of it where it is no plain chain of operands."""
    operand = use.call.node
    for parent in ancestors(use.call.node, condition):
        if operand == condition or operator_of(parent) in ("&&", "||"):
            break
        operand = parent
    around = [each for each in ancestors(operand, condition) if operand != condition]
    joins = ("binary_expression", "parenthesized_expression")
    is_plain = all(each.type in joins and operator_of(each) in ("", "&&", "||") for each in around)
    return operand if is_plain else condition


def _other_answer(use: UnitUse) -> Node | None:
    """Return the part of `return p->f() || g` that does not use the unit's place; None for every other statement."""
    statement = use.statement
    value = bare(statement.named_children[0]) if statement.type == "return_statement" else None
    if value is None or operator_of(value) != "||" or _operand(use, value) == value:
        return None
    sides = [each for each in (field(value, "left"), field(value, "right")) if each is not None]
    place = use.call.node
    return next((each for each in sides if not each.start_byte <= place.start_byte < each.end_byte), None)


def _is_walked(use: UnitUse) -> bool:
    """Say whether the use gives what a loop walks over, or what a `switch` chooses by: all else hangs on it."""
    statement, place = use.statement, use.call.node
    head = {"for_range_loop": "right", "switch_statement": "condition"}.get(statement.type)
    node = statement.child_by_field_name(head) if head is not None else None
    lines = statement.end_point.row - statement.start_point.row
    return node is not None and node.start_byte <= place.start_byte < node.end_byte and lines < _MAX_MOVED_LINES


def _leaves(use: UnitUse) -> bool:
    """Say whether the use is in a condition of which leaving the function, or the turn of a loop, hangs."""
    return _plain_condition(use) is not None and exits(field(use.statement, "consequence"))


def _end_of_run(use: UnitUse, behind: list[Node]) -> Node | None:
    """Return the last of plain calls on the unit right behind the use, where nothing after them needs the unit."""
    source, last = use.site.source, None
    following = use.statement.next_named_sibling
    if use.statement.type != "expression_statement":
        return None
    calls = {call.node.id: call for call in method_calls(source, use.site.scope)}
    while following is not None and following.type == "expression_statement" and following.named_children:
        call = calls.get(following.named_children[0].id)
        is_plain = call is not None and call.key == use.call.key and ENTERING.fullmatch(call.name) is None
        if not is_plain or any(each.type in ("assignment_expression", "update_expression") for each in walk(following)):
            break
        last, following = following, following.next_named_sibling
    rest = [each for each in behind if last is not None and each.start_byte >= last.end_byte]
    return (
        None
        if last is None
        or any(mentions(source, rest, name) for name in use.names)
        or teller(source, [last], use.site.scope)
        else last
    )


def _left_by(use: UnitUse, behind: list[Node], leave: bytes) -> list[Node]:
    """Return the statements among those behind a use that an exit before it leaves out."""
    kinds = {b"continue;": LOOPS, b"break;": {*LOOPS, "switch_statement"}}.get(leave, frozenset())
    around = (each for each in ancestors(use.statement, use.site.scope) if each.type in kinds)
    left = next(around, use.site.scope)
    return [each for each in behind if each.end_byte <= left.end_byte]


def _check_skipped(use: UnitUse, behind: list[Node]) -> None:
    """Refuse where an early exit would skip what has to run: what others wait for, or what ends what was begun."""
    source, scope = use.site.source, use.site.scope
    loop = enclosing_loop_of(use.statement, scope)
    known = {*use.names, *_declared(use.statement, source)}
    for each in behind:
        is_of = any(mentions(source, [each], name) for name in known)
        is_tally = loop is not None and any(node.type == "update_expression" for node in each.named_children)
        if not is_of and not is_tally and not _is_plain_local(each):
            raise RefusalError(f"Giving up before {use} would skip `{show(source.text(each))}`.")
        known |= _declared(each, source) if is_of else set()
        if is_of and any(node.type in _LEAVES for node in walk(each, lambda node: node.type != "lambda_expression")):
            # Whether the rest runs at all hangs on the unit.
            break
    if struck := strikes_out(source, behind, use.call.key):
        raise RefusalError(f"Giving up before {use} would skip `{show(source.text(struck))}`.")
    waited_for = teller(source, behind, scope)
    if waited_for is not None:
        raise RefusalError(
            f"Giving up before {use} would skip `{show(source.text(waited_for))}`, for which somebody may wait."
        )
    if ended := bracket(source, use.statement, behind, scope, {use.call.key}):
        raise RefusalError(f"Giving up before {use} would skip `{show(ended)}`, which ends what was begun before.")


def _is_plain_local(statement: Node) -> bool:
    """Say whether a statement only makes a variable, which means nothing behind an early exit."""
    return statement.type == "declaration" and not any(
        each.type in ("call_expression", "new_expression", "assignment_expression", "update_expression")
        or each.text in (b"static", b"thread_local")
        for each in walk(statement)
    )


def _is_needed(use: UnitUse, behind: list[Node]) -> bool:
    """
    Say whether what runs behind needs the unit in the world as well, and so must be left out with it.

    What only asks for its GUID or name, to keep it or to take it off a list, must run.
    """
    source = use.site.source
    anywhere = {
        call.object.id
        for each in behind
        for call in method_calls(source, each)
        if call.key == use.call.key and ANYWHERE.fullmatch(call.name)
    }
    names = (node for each in behind for node in walk(each, lambda node: node.id not in anywhere))
    known = use.names
    return any(node.type in _NAME_NODES and node.id not in anywhere and source.text(node) in known for node in names)


def _declared(statement: Node, source: Source) -> set[bytes]:
    """Return the names that a statement declares or assigns."""
    found = set()
    for each in of_type(statement, "init_declarator", "declaration", "assignment_expression"):
        target = each.child_by_field_name("declarator") or each.child_by_field_name("left")
        named = declared_name(target) if target is not None else None
        if named is not None:
            found.add(source.text(named))
    return found


def _check_value(use: UnitUse) -> None:
    """Refuse where the statement computes something that others need."""
    source, expression = use.site.source, use.statement.named_children[0]
    if expression.type not in ("call_expression",):
        raise RefusalError(f"The value that is computed at {use} is needed afterwards.")
    check_written(use.site, use.statement, use.call.key)
    function = expression.child_by_field_name("function")
    if function is not None and called_name(source, function) in (b"lock", b"unlock"):
        raise RefusalError(f"The statement at {use} holds or gives back a lock.")
    loop = enclosing_loop_of(use.statement, use.site.scope)
    if (
        loop is not None
        and loop.type in ("while_statement", "do_statement")
        and not goes_on(source, loop, range(use.statement.start_byte, use.statement.end_byte))
    ):
        raise RefusalError(f"Leaving the statement at {use} out could make the loop around it run for ever.")
    if body_of(use.site.scope) is None:
        raise RefusalError(f"The function around {use} has no body.")


def _shown(use: UnitUse) -> str:
    return show(use.site.source.text(use.statement))


def _holds(use: UnitUse, questions: list[bytes]) -> bytes:
    return b" && ".join(
        b"!" * (each == TELEPORTED) + b"%b%b()" % (unit_of(use.site.source, use.call), each) for each in questions
    )


def _fails(use: UnitUse, questions: list[bytes]) -> bytes:
    return b" || ".join(
        b"!" * (each == IN_WORLD) + b"%b%b()" % (unit_of(use.site.source, use.call), each) for each in questions
    )
