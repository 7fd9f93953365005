"""
The template `bot-guard`: what a bot must not touch is left to players.

A bot's own thread changes the spell modifiers of a player that the map updates at the same time. Bots need none of
that: the statement runs for players only, by the question that the source asks elsewhere to tell a bot.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import re2
from tree_sitter import Node

from tasks.core.crash import Crash
from tasks.core.errors import RefusalError
from tasks.core.fixes import syntax
from tasks.core.fixes.bot_tests import Asked, is_told_apart, test_for_player, who_comes
from tasks.core.fixes.calls import MethodCall, function_around, method_calls, sites
from tasks.core.fixes.classes import class_of, class_of_name
from tasks.core.fixes.contract import FromFrames, Proposal
from tasks.core.fixes.declared import declared_type, initial_value, member_type
from tasks.core.fixes.deeds import told_done
from tasks.core.fixes.expressions import called_name, is_asked_anew, is_repeatable, key_of, operator_of
from tasks.core.fixes.guarding import Writer
from tasks.core.fixes.guards import conditions, earlier_statements, is_assertion, later_statements, mentions
from tasks.core.fixes.reliance import is_number
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.skipping import enclosing_loop_of
from tasks.core.fixes.syntax import Source, field, is_broken, of_type, statements, walk
from tasks.core.fixes.tested_access import TestedAccess, check_left_out, tested_accesses
from tasks.core.fixes.turns import goes_on
from tasks.core.hierarchy import Level

_TOUCHED = re2.compile(rb"(?i)\w*spell_?mod\w*")
_SIDE = re2.compile(
    rb"^(?:[Bb]egin|[Ee]nd|[Ss]tart|[Ss]top|[Ee]nable|[Dd]isable|[Ee]nter|[Ll]eave|[Pp]ush|[Pp]op|[Oo]pen|[Cc]lose"
    rb"|[Aa]pply|[Aa]dd|[Rr]emove|[Rr]estore|[Ss]uspend|[Rr]esume|[Tt]ake|[Dd]rop|[Uu]n)"
)
"""How the names of two methods differ of which one undoes what the other does."""

_NULLS = (b"nullptr", b"NULL")
_MODS = re2.compile(rb"(?i)mods?(?:ifiers?)?_?$")
_WORKING_OUT = b"ApplySpellMod"
_CONSTANT = re2.compile(rb"(?:\w+::)*[A-Z][A-Z0-9_]+")
_ENDS = ((b"false", b"true"), (b"0", b"1"))
"""What a call ends by its value, and what another began by its own."""
_NO_PLAYER = re2.compile(rb"(?:^|\W)(?:Spell|SpellInfo|Aura|AuraEffect|Creature|Item)\s*(?:const)?\s*[*&]")


@dataclass(frozen=True, kw_only=True)
class _Touch:
    """A statement that touches the spell modifiers of ``owner``."""

    site: Site
    statement: Node
    owner: Node
    operator: bytes
    reason: str = "Bots touch spell modifiers from threads of their own while the map uses them."

    @property
    def spelled(self) -> bytes:
        """The owner as the source spells it."""
        return self.site.source.text(self.owner)

    @property
    def is_on_line(self) -> bool:
        """Whether the statement stands on the frame's line."""
        return self.statement.start_point.row <= self.site.row <= self.statement.end_point.row

    def __str__(self) -> str:
        line = self.statement.start_point.row + 1
        return f"{show(self.site.frame.file or '').rpartition('/')[2]}:{line}"


class BotGuard(FromFrames):
    """Leave an access to players: to spell modifiers, or through what bots lack."""

    slug = "bot-guard"
    version = 7
    summary = "leaves an access to spell modifiers, or through what a bot lacks, out for bots"
    level: Level = "module only"

    def propose(self, crash: Crash, sources: Mapping[str, bytes]) -> Proposal:
        """
        Propose the test for a bot around the access.

        Raises:
            RefusalError: no frame touches spell modifiers, bots are told apart already, or the source shows no test.
        """
        parsed = {path: syntax.parse(content) for path, content in sources.items()}
        touches = [touch for site in sites(crash, parsed) for touch in _touches(site, tuple(parsed.values()))]
        if not touches and crash.exception.kind == "access_violation":
            touches = [touch for site in sites(crash, parsed) for touch in _accesses(site)]
        touch = next(iter(touches), None)
        if touch is None or (not touch.is_on_line and _tested(crash, parsed) is not None):
            return _condition_left_out(crash, parsed)
        asked = _asked(touch, tuple(parsed.values()))
        test = test_for_player(asked, tuple(parsed.values()))
        who = who_comes(asked, test, touch.statement)
        if who in ("players", "unknown"):
            raise RefusalError(f"Bots are told apart already before {touch}.")
        _check(touch)
        if who != "bots" and _only_clears(touch):
            raise RefusalError(
                f"The statement at {touch} clears what may point to something that goes, for bots as well."
            )
        writer, text = Writer.at(touch.site), show(touch.site.source.text(touch.statement))
        if who == "bots":
            _check_removable(touch)
            return Proposal(
                edits=(writer.remove(touch.statement),),
                explanation=f"Removes `{text}` at {touch}, to which only bots come. {touch.reason}",
            )
        return Proposal(
            edits=(writer.only_if(touch.statement, test),),
            explanation=f"Runs `{text}` at {touch} only for who is no bot, by `{show(test)}`. {touch.reason}",
        )


def _condition_left_out(crash: Crash, parsed: Mapping[str, Source]) -> Proposal:
    """Propose the test for a bot before an access that a condition makes."""
    sources = tuple(parsed.values())
    found = _tested(crash, parsed)
    if found is None:
        raise RefusalError("No frame with source of ours touches spell modifiers in a statement of its own.")
    operator = found.operator.encode()
    touch = _Touch(site=found.site, statement=found.statement, owner=found.owner, operator=operator)
    asked = _asked(touch, sources)
    test = test_for_player(asked, sources)
    if who_comes(asked, test, found.operand) != "all":
        raise RefusalError(f"Bots are told apart already before {found}.")
    if is_broken(found.statement, found.site.scope):
        raise RefusalError(f"The parser does not understand {found}, perhaps for a macro.")
    if not is_repeatable(found.site.source, found.owner):
        raise RefusalError(f"`{show(touch.spelled)}` is the result of a call, which must not run twice.")
    check_left_out(found, _is_touched)
    return Proposal(
        edits=(Writer.at(found.site).test_operand(found.operand, test, "&&"),),
        explanation=f"Asks for `{found.shown}` at {found} only for who is no bot, by `{show(test)}`. {touch.reason}",
    )


def _tested(crash: Crash, parsed: Mapping[str, Source]) -> TestedAccess | None:
    """Return the access on a frame's line that a condition makes."""
    tested = (each for site in sites(crash, parsed) for each in tested_accesses(site, _is_touched))
    return next((each for each in tested if _may_be_player(each.site, tuple(parsed.values()), each.owner)), None)


def _is_touched(name: bytes) -> bool:
    return _TOUCHED.fullmatch(name) is not None and not name.endswith(b"Owner")


def _may_be_player(site: Site, sources: tuple[Source, ...], owner: Node) -> bool:
    key = key_of(site.source, owner)
    kind = declared_type(site.source, key, owner, site.scope) or member_type(sources, key) or b""
    return _NO_PLAYER.search(kind) is None


def _touches(site: Site, sources: tuple[Source, ...]) -> Iterator[_Touch]:
    """Yield the accesses on the frame's line, or that of its function where it has but one."""
    found = list(_all_touches(site, sources))
    on_line = [each for each in found if each.is_on_line]
    if not on_line and len(found) > 1:
        raise RefusalError(f"Several statements around {site} touch spell modifiers, and none stands on its line.")
    yield from on_line or found


def _all_touches(site: Site, sources: tuple[Source, ...]) -> Iterator[_Touch]:
    source = site.source
    for statement in statements(site.scope):
        expression = next(iter(statement.named_children), None) if statement.type == "expression_statement" else None
        if expression is None or is_assertion(source, expression):
            continue
        target = expression.child_by_field_name("function") or expression.child_by_field_name("left")
        if target is None or target.type != "field_expression" or not _is_touched(called_name(source, target)):
            continue
        owner = target.child_by_field_name("argument")
        if owner is None or operator_of(target) not in ("->", "."):
            continue
        if _may_be_player(site, sources, owner):
            yield _Touch(site=site, statement=statement, owner=owner, operator=operator_of(target).encode())


def _accesses(site: Site) -> Iterator[_Touch]:
    """Yield the statement on the line that calls through what a player returns: ``player->GetSocial()->Tell();``."""
    for statement in site.statements():
        call = next(iter(statement.named_children), None) if statement.type == "expression_statement" else None
        if call is None or call.type != "call_expression" or is_assertion(site.source, call):
            continue
        steps, node = 0, call
        while (inner := field(node, "function") or field(node, "argument")) is not None:
            steps += node.type == "call_expression"
            node = inner
        outer = node.parent
        if steps < 2 or node.type != "identifier" or outer is None or operator_of(outer) not in ("->", "."):
            continue
        yield _Touch(
            site=site,
            statement=statement,
            owner=node,
            operator=operator_of(outer).encode(),
            reason="A bot has no client, and lacks some of what every player has.",
        )


def _asked(touch: _Touch, sources: tuple[Source, ...]) -> Asked:
    """Return the owner as what is to be told from a bot."""
    site, source = touch.site, touch.site.source
    function = function_around(touch.statement) or site.scope
    kind = class_of_name(sources, source, key_of(source, touch.owner), touch.statement, function)
    if touch.owner.type == "this":
        kind = class_of(source, function)
    return Asked(site=site, object=touch.owner, operator=touch.operator, kind=kind)


def _check_skipped(touch: _Touch) -> None:
    """Refuse to leave out for bots what a loop, a later line or the other half of a pair needs."""
    source, scope, statement = touch.site.source, touch.site.scope, touch.statement
    loop = enclosing_loop_of(statement, scope)
    if loop is not None and not goes_on(source, loop, range(statement.start_byte, statement.end_byte)):
        raise RefusalError(f"The loop around {touch} may never end for a bot that skips the statement.")
    expression = statement.named_children[0]
    inner = [each for each in of_type(statement, "assignment_expression", "update_expression") if each != expression]
    if inner:
        raise RefusalError(f"Skipping the statement at {touch} would also skip `{show(source.text(inner[0]))}`.")
    own = next((each for each in method_calls(source, statement) if each.node == expression), None)
    if own is None:
        return
    if (kept := _kept(touch, own)) is not None:
        raise RefusalError(f"`{show(kept)}` belongs to who {touch} gives it to, or is taken back from before it goes.")
    if (changed := _changed(touch, own)) is not None:
        raise RefusalError(f"`{show(own.name)}` at {touch} may change `{show(changed)}`, which is used behind it.")
    for each in _other_halves(touch, own):
        around = function_around(each.node)
        asked = [condition for condition, _ in conditions(each.node, around)] if around is not None else []
        if not any(is_told_apart(source.text(condition)) for condition in asked):
            raise RefusalError(
                f"`{show(source.text(each.node))}` belongs to what {touch} does: one without the other may be wrong."
            )


def _other_halves(touch: _Touch, own: MethodCall) -> Iterator[MethodCall]:
    """Yield the calls that undo, or begin, what a call does."""
    source, scope, rest = touch.site.source, touch.site.scope, _SIDE.sub(rb"", own.name)
    for each in method_calls(source, source.root, lambda name: name.endswith(rest)):
        is_here = scope.start_byte <= each.node.start_byte < scope.end_byte and each.key == own.key
        if each.node != own.node and _is_other_half(source, own, each, is_here=is_here):
            yield each


def _kept(touch: _Touch, call: MethodCall) -> bytes | None:
    """Return a pointer among the arguments that the function made by `new`, or deletes behind the call."""
    source, function = touch.site.source, function_around(touch.statement) or touch.site.scope
    for each in call.arguments:
        name = key_of(source, each)
        value = initial_value(source, name, each, function) if each.type == "identifier" else None
        deleted = (key_of(source, node.named_children[-1]) for node in of_type(function, "delete_expression"))
        if (value is not None and value.type == "new_expression") or name in deleted:
            return name
    return None


def _changed(touch: _Touch, call: MethodCall) -> bytes | None:
    """Return a number that a call may work out by a reference to it, and that something behind it needs."""
    source, scope = touch.site.source, touch.site.scope
    later = later_statements(touch.statement, scope)
    for each in call.arguments:
        name = source.text(each)
        if each.type not in ("identifier", "field_expression"):
            continue
        kind = declared_type(source, name, touch.statement, function_around(touch.statement) or scope) or b""
        is_value = is_number(kind) and b"const" not in kind and b"bool" not in kind
        if is_value and (kind.endswith(b"&") or mentions(source, later, name)):
            return name
        if not kind and call.name == _WORKING_OUT and not _CONSTANT.fullmatch(name):
            return name
    return None


def _is_other_half(source: Source, own: MethodCall, other: MethodCall, *, is_here: bool) -> bool:
    """Say whether a call undoes, or begins, what another does: by another value, or by a name of the other side."""
    if own.name == other.name:
        values, others = ([source.text(each) for each in call.arguments] for call in (own, other))
        return values != others and (is_here or any(each in _ENDS for each in zip(values, others, strict=False)))
    rests = [_SIDE.sub(rb"", each.name) for each in (own, other)]
    is_pair = rests[0] == rests[1] and own.name != rests[0] and other.name != rests[1]
    return is_here and is_pair


def _check_removable(touch: _Touch) -> None:
    source, expression = touch.site.source, touch.statement.named_children[0]
    own = next((each for each in method_calls(source, touch.statement) if each.node == expression), None)
    if own is not None and (other := next(_other_halves(touch, own), None)) is not None:
        raise RefusalError(f"`{show(source.text(other.node))}` belongs to what {touch} does, and would be left alone.")
    block = touch.statement.parent
    others = [each for each in block.named_children if each.type != "comment"] if block is not None else []
    if block is None or block.type != "compound_statement" or len(others) < 2:
        raise RefusalError(f"Only bots come to {touch}, where nothing else is done.")


def _check(touch: _Touch) -> None:
    source, site = touch.site.source, touch.site
    if is_broken(touch.statement, site.scope):
        raise RefusalError(f"The parser does not understand {touch}, perhaps for a macro.")
    if not is_repeatable(source, touch.owner) and not is_asked_anew(source, touch.owner, site.scope):
        raise RefusalError(f"`{show(touch.spelled)}` is the result of a call, which must not run twice.")
    _check_skipped(touch)
    expression = touch.statement.named_children[0]
    left = expression.child_by_field_name("left") if expression.type == "assignment_expression" else None
    behind = later_statements(touch.statement, site.scope)
    if kept := next((each for node in behind for each in _kept_mods(touch, node)), None):
        raise RefusalError(f"`{show(source.text(kept))}` behind {touch} ends what is left out for bots.")
    if told := told_done(source, behind):
        raise RefusalError(f"`{show(source.text(told))}` would tell of what is left out for bots at {touch}.")
    if left is not None and mentions(source, behind, called_name(source, left)):
        raise RefusalError(f"What is assigned at {touch} is read again after it.")
    if left is not None and (ended := _needed_for(touch, left, behind)):
        raise RefusalError(f"`{show(ended)}` belongs to what is assigned at {touch}: one without the other dangles.")
    if (lacked := _lacked(touch)) and any(lacked in b"".join(source.text(each).split()) for each in behind):
        raise RefusalError(f"`{show(lacked)}` at {touch} is gone through again after it.")
    if given := next((each for each in _given_back(touch) if mentions(source, behind, each)), None):
        raise RefusalError(f"The call at {touch} may change `{show(given)}`, which is used after it.")


def _only_clears(touch: _Touch) -> bool:
    """Say whether a statement clears what nothing in the files at hand has set: by null, or by false."""
    source, expression = touch.site.source, touch.statement.named_children[0]
    if expression.type == "assignment_expression":
        value = field(expression, "right")
        return value is not None and source.text(value) in _NULLS
    own = next((each for each in method_calls(source, touch.statement) if each.node == expression), None)
    is_off = own is not None and any(source.text(each) in (b"false", *_NULLS) for each in own.arguments)
    return own is not None and is_off and next(_other_halves(touch, own), None) is None


def _kept_mods(touch: _Touch, statement: Node) -> Iterator[Node]:
    """Yield the calls of a later statement that empty what keeps the modifiers: ``m_appliedMods.clear()``."""
    for call in method_calls(touch.site.source, statement):
        if call.name in (b"clear", b"erase", b"pop_back", b"reset") and _MODS.search(call.key):
            yield call.node


def _lacked(touch: _Touch) -> bytes:
    """Return what a call goes through that its owner may lack: ``player->GetSocial()``; empty for other accesses."""
    function = touch.statement.named_children[0].child_by_field_name("function")
    through = function.child_by_field_name("argument") if function is not None else None
    if through is None or through.type != "call_expression":
        return b""
    return b"".join(touch.site.source.text(through).split())


def _needed_for(touch: _Touch, left: Node, behind: list[Node]) -> bytes | None:
    """Return what else the function does that counts on an assignment: it deletes, or has set or kept the same."""
    source = touch.site.source
    deleted = (each for node in behind for each in walk(node) if each.type == "delete_expression")
    before = [each for each in earlier_statements(touch.statement, touch.site.scope) if each.type != "if_statement"]
    kept = (each for each in before if mentions(source, [each], called_name(source, left)))
    found = next(deleted, None) or next(kept, None)
    return source.text(found) if found is not None else None


def _given_back(touch: _Touch) -> Iterator[bytes]:
    """Yield the variables of the function that a call gets as they are, so that it may change them."""
    source = touch.site.source
    given = touch.statement.named_children[0].child_by_field_name("arguments")
    for each in given.named_children if given is not None else []:
        kind = declared_type(source, source.text(each), each, touch.site.scope) if each.type == "identifier" else None
        if kind is not None and not kind.endswith(b"*") and b"const" not in kind:
            yield source.text(each)
