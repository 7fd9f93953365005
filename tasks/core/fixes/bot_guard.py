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
from tasks.core.fixes.calls import MethodCall, base_name, function_around, method_calls, sites
from tasks.core.fixes.contract import FromFrames, Proposal
from tasks.core.fixes.declared import declared_type, member_type
from tasks.core.fixes.exits import goes_on
from tasks.core.fixes.expressions import called_name, is_repeatable, key_of, operator_of
from tasks.core.fixes.guarding import Writer
from tasks.core.fixes.guards import conditions, is_assertion, later_statements, mentions
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.skipping import enclosing_loop_of
from tasks.core.fixes.syntax import Source, is_broken, of_type, statements
from tasks.core.hierarchy import Level

_TOUCHED = re2.compile(rb"(?i)\w*spell_?mod\w*")
_BOT_TESTS = re2.compile(rb"Is(?:A)?(?:Player|Npc|NPC)?Bot|IsPlayerbot|isBot")
_NO_PLAYER = re2.compile(rb"(?:^|\W)(?:Spell|SpellInfo|Aura|AuraEffect|Creature|Item)\s*(?:const)?\s*\*")


@dataclass(frozen=True, kw_only=True)
class _Touch:
    """A statement that touches the spell modifiers of ``owner``."""

    site: Site
    statement: Node
    owner: Node

    @property
    def spelled(self) -> bytes:
        """The owner as the source spells it."""
        return self.site.source.text(self.owner)

    def __str__(self) -> str:
        line = self.statement.start_point.row + 1
        return f"{show(self.site.frame.file or '').rpartition('/')[2]}:{line}"


class BotGuard(FromFrames):
    """Leave an access to spell modifiers to players."""

    slug = "bot-guard"
    version = 3
    summary = "leaves an access to spell modifiers out for bots"
    level: Level = "module only"

    def propose(self, crash: Crash, sources: Mapping[str, bytes]) -> Proposal:
        """
        Propose the test for a bot around the access.

        Raises:
            RefusalError: no frame touches spell modifiers, bots are told apart already, or the source shows no test.
        """
        parsed = {path: syntax.parse(content) for path, content in sources.items()}
        touches = [touch for site in sites(crash, parsed) for touch in _touches(site, tuple(parsed.values()))]
        if not touches:
            raise RefusalError("No frame with source of ours touches spell modifiers in a statement of its own.")
        touch = touches[0]
        test = _bot_test(touch, tuple(parsed.values()))
        _check(touch, test)
        edit = Writer.at(touch.site).only_if(touch.statement, b"!" + test)
        return Proposal(
            edits=(edit,),
            explanation=f"Runs `{show(touch.site.source.text(touch.statement))}` at {touch} only for who is no bot, by"
            f" `{show(test)}`. Bots touch spell modifiers from threads of their own while the map uses them.",
        )


def _touches(site: Site, sources: tuple[Source, ...]) -> Iterator[_Touch]:
    """Yield the accesses on the frame's line, or that of its function where it has but one."""
    found = list(_all_touches(site, sources))
    on_line = [each for each in found if each.statement.start_point.row <= site.row <= each.statement.end_point.row]
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
        if target is None or target.type != "field_expression" or not _TOUCHED.fullmatch(called_name(source, target)):
            continue
        owner = target.child_by_field_name("argument")
        if owner is None or operator_of(target) != "->":
            continue
        key = key_of(source, owner)
        kind = declared_type(source, key, statement, site.scope) or member_type(sources, key) or b""
        if not _NO_PLAYER.search(kind):
            yield _Touch(site=site, statement=statement, owner=owner)


def _bot_test(touch: _Touch, sources: tuple[Source, ...]) -> bytes:
    """Return the question for a bot as the sources ask it, put to the owner."""
    forms = {
        source.text(call.node)[len(source.text(call.object)) :]
        if not via
        else b"->GetSession()" + _own(source, call.node)
        for source in sources
        for call in method_calls(source, source.root)
        if _BOT_TESTS.fullmatch(call.name) and not call.arguments and not _is_of_another(source, call)
        for via in [source.text(call.object).endswith(b"GetSession()") or b"ession" in source.text(call.object)]
    }
    declared = {
        found[0]
        for source in sources
        for found in re2.findall(rb"\bbool\s+((Is\w*Bot|isBot))\s*\(\s*\)", source.content)
    }
    if len(forms) == 1:
        if b"GetSession()" in next(iter(forms)) and any(_may_lack_session(source) for source in sources):
            raise RefusalError(
                "The files of the crash test whether there is a session at all before they ask for a bot."
            )
        return touch.spelled + forms.pop()
    if not forms and len(declared) == 1:
        return b"%b->%b()" % (touch.spelled, declared.pop())
    raise RefusalError("The files of the crash do not show how a bot is told from a player.")


def _may_lack_session(source: Source) -> bool:
    """Say whether a condition asks for a session alone: ``player->GetSession() &&``, ``!session``, ``if (session)``."""
    return (
        re2.search(
            rb"GetSession\(\)\s*(?:&&|\|\||\?|\)\s*(?:$|\{|return)|[!=]=\s*nullptr)|!\s*[\w>-]*GetSession\(\)\s*[)|&]",
            source.content,
        )
        is not None
    )


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
    others = [each for each in method_calls(source, scope) if own is not None and each.node != own.node]
    halves = [each for each in others if own is not None and (each.name, each.key) == (own.name, own.key)]
    if own is not None and any(_values(source, each) != _values(source, own) for each in halves):
        raise RefusalError(
            f"`{show(own.name)}` is called twice around {touch}, and one without the other may be wrong."
        )


def _values(source: Source, call: MethodCall) -> list[bytes]:
    return [source.text(each) for each in call.arguments]


def _is_of_another(source: Source, call: MethodCall) -> bool:
    """Say whether the function shows that a test is put to something that is neither player, bot nor session."""
    function = function_around(call.node)
    name = base_name(source, call.object)
    kind = declared_type(source, name, call.node, function) if function is not None and name else None
    is_direct = source.text(call.object) == name
    return is_direct and kind is not None and not re2.search(rb"Player|Bot|Session|auto", kind)


def _own(source: Source, call: Node) -> bytes:
    """Return the last step of a chain of calls: ``->IsBot()``."""
    function = call.child_by_field_name("function")
    assert function is not None
    return b"->%b()" % called_name(source, function)


def _check(touch: _Touch, test: bytes) -> None:
    source, site = touch.site.source, touch.site
    if is_broken(touch.statement, site.scope):
        raise RefusalError(f"The parser does not understand {touch}, perhaps for a macro.")
    asked = [source.text(condition) for condition, _ in conditions(touch.statement, site.scope)]
    if any(re2.search(_BOT_TESTS.pattern, each) for each in asked) or test in b" ".join(asked):
        raise RefusalError(f"Bots are told apart already before {touch}.")
    if not is_repeatable(source, touch.owner):
        raise RefusalError(f"`{show(touch.spelled)}` is the result of a call, which must not run twice.")
    _check_skipped(touch)
    expression = touch.statement.named_children[0]
    left = expression.child_by_field_name("left") if expression.type == "assignment_expression" else None
    behind = later_statements(touch.statement, site.scope)
    if left is not None and mentions(source, behind, called_name(source, left)):
        raise RefusalError(f"What is assigned at {touch} is read again after it.")
