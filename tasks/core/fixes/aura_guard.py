"""
The template `aura-guard`: ask whether an aura is there before it is put on once more.

An aura that is applied twice fails an assertion of the core. Where a bot's code casts a spell on somebody, or releases
a spirit, which casts the ghost aura, the aura is asked for first; a cast that the release makes anyway goes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import re2
from tree_sitter import Node

from tasks.core.crash import Crash
from tasks.core.edits import SourceEdit
from tasks.core.errors import RefusalError
from tasks.core.fixes import syntax
from tasks.core.fixes.calls import OWN, MethodCall, function_around, method_calls, own_calls, sites
from tasks.core.fixes.classes import class_of_name
from tasks.core.fixes.contract import FromFrames, Proposal
from tasks.core.fixes.declared import aliases_of, declared_type, is_declared_within, member_type
from tasks.core.fixes.expressions import called_name, is_assigned, is_repeatable, key_of, operator_of
from tasks.core.fixes.guarding import Writer
from tasks.core.fixes.guards import conditions, earlier_statements, implies, is_asked, is_checked, later_statements
from tasks.core.fixes.reliance import is_number
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.skipping import enclosing_loop_of
from tasks.core.fixes.syntax import Source, is_broken, of_type, statement_of, walk
from tasks.core.hierarchy import Level

GHOST = b"8326"
"""The aura that the release of a spirit puts on, in all servers of this family; sources may have a name for it."""

_RELEASE = b"BuildPlayerRepop"
_REQUEST = re2.compile(rb"HandleRepopRequest\w*")
_CASTS = (b"CastSpell", b"AddAura", b"DoCast")
_CUSTOM = b"CastCustomSpell"
_VALUES = re2.compile(rb"(?i)SpellValue|AddSpell(?:Mod|BP)|Base_?Points?|Custom\w*Values?|SetValue|\bbp\d?\b")
"""What gives a cast values of its own, with which a second cast renews the aura."""

_AURALESS = re2.compile(
    rb"(?:World|Game|Dynamic|Scene)?Object|Item|Bag|Corpse|AreaTrigger|Conversation"
    rb"|\w*(?:Position|Location|Targets?|TargetArg|G[Uu][Ii][Dd])"
)
"""Classes that a spell is cast on and that have no auras, as far as their pointer says."""

_ASKING = re2.compile(rb"(?:Has|Get|Find)\w*Aura\w*")
_STACKS = re2.compile(rb"(?i)stack")
_TAKING = re2.compile(rb"Remove\w*Auras?\w*")
_CONSTANT = re2.compile(rb"(?:[A-Za-z_]\w*::)*[A-Z][A-Z0-9_]+|\d+")


@dataclass(frozen=True, kw_only=True)
class _Application:
    """A call that puts an aura on ``target``; ``spell`` is its number or constant as the source spells it."""

    call: MethodCall
    site: Site
    target: Node
    spell: bytes

    @property
    def question(self) -> bytes:
        """The test whether the aura is there."""
        source = self.site.source
        if self.target.type == "this":
            return b"HasAura(%b)" % self.spell
        operator = b"." if _is_object(source, self) else b"->"
        return b"%b%bHasAura(%b)" % (source.text(self.target), operator, self.spell)

    def __str__(self) -> str:
        return f"{show(self.site.frame.file or '').rpartition('/')[2]}:{self.call.line}"


class AuraGuard(FromFrames):
    """Apply an aura only to who does not have it."""

    slug = "aura-guard"
    version = 5
    summary = "asks whether an aura is there before it is applied once more"
    level: Level = "module only"

    def propose(self, crash: Crash, sources: Mapping[str, bytes]) -> Proposal:
        """
        Propose a test around the call that applies the aura a second time.

        Raises:
            RefusalError: no frame applies an aura, it is asked for already, or the call can't be left out.
        """
        parsed = {path: syntax.parse(content) for path, content in sources.items()}
        applications = [each for site in sites(crash, parsed) for each in _applications(site, tuple(parsed.values()))]
        if not applications:
            raise RefusalError(
                "No frame with source of ours casts a spell of a known number on a unit, or releases a spirit."
            )
        first = applications[0]
        edits = [*_second_casts(first), _guard(first)]
        dropped = " The cast of the same spell beside it goes." if len(edits) > 1 else ""
        return Proposal(
            edits=tuple(edits),
            explanation=f"Runs `{show(first.site.source.text(first.call.node))}` at {first} only while"
            f" `{show(first.question)}` says no.{dropped} An aura that is there already fails an assertion of the core"
            " when it is applied once more.",
        )


def _applications(site: Site, sources: tuple[Source, ...]) -> list[_Application]:
    """Return the applications on the frame's line, or those of the function where the line has none."""
    found = list(_all_applications(site, sources))
    on_line = [each for each in found if site.row in range(each.call.node.start_point.row, _end(each) + 1)]
    releases = [each for each in found if each.call.name == _RELEASE]
    if on_line:
        # The release beside a cast of its own aura is the one to ask for; the cast goes.
        twins = [each for each in releases if on_line[0] in _casts_of_release(each, found)]
        return twins or on_line
    chosen = releases or found
    if len({each.question for each in chosen}) > 1 or len(chosen) > 1:
        places = ", ".join(str(each) for each in chosen)
        raise RefusalError(f"Several calls apply an aura and no frame stands at one of them: {places}.")
    return chosen


def _end(application: _Application) -> int:
    return application.call.node.end_point.row


def _all_applications(site: Site, sources: tuple[Source, ...]) -> Iterator[_Application]:
    source = site.source
    for call in (*method_calls(source, site.scope), *own_calls(source, site.scope)):
        if call.name == _RELEASE and not call.arguments and call.key != OWN:
            yield _Application(call=call, site=site, target=call.object, spell=_ghost(sources))
        elif _REQUEST.fullmatch(call.name) and (player := _player_of_session(source, call)) is not None:
            yield _Application(call=call, site=site, target=player, spell=_ghost(sources))
        elif call.name in (*_CASTS, _CUSTOM) and len(call.arguments) >= 2:
            target, spell = call.arguments[:2] if call.name != b"AddAura" else reversed(call.arguments[:2])
            if call.name == _CUSTOM and _CONSTANT.fullmatch(source.text(target)):
                target, spell = call.arguments[-1], target
            if _CONSTANT.fullmatch(source.text(spell)) or _is_number(site, sources, call, spell):
                yield _Application(call=call, site=site, target=_aimed(target), spell=source.text(spell))


def _is_number(site: Site, sources: tuple[Source, ...], call: MethodCall, spell: Node) -> bool:
    """Say whether a variable is the number of an aura, which `AddAura` takes; what a cast is of may have none."""
    source = site.source
    if (
        call.name != b"AddAura"
        or spell.type not in ("identifier", "field_expression")
        or not is_repeatable(source, spell)
    ):
        return False
    kind = declared_type(source, source.text(spell), spell, site.scope) if spell.type == "identifier" else None
    kind = kind or member_type(sources, called_name(source, spell))
    return is_number(kind) if kind is not None else len(call.arguments) == 2


def _aimed(target: Node) -> Node:
    """Return the object itself of ``&target`` and ``*target``, and any other expression as it is."""
    inner = target.child_by_field_name("argument") if target.type == "pointer_expression" else None
    return inner if inner is not None and inner.type in ("identifier", "field_expression", "this") else target


def _player_of_session(source: Source, call: MethodCall) -> Node | None:
    """Return the player of ``player->GetSession()->HandleX()``."""
    function = call.object.child_by_field_name("function") if call.object.type == "call_expression" else None
    if function is None or not source.text(function).endswith(b"GetSession"):
        return None
    return function.child_by_field_name("argument")


def _ghost(sources: tuple[Source, ...]) -> bytes:
    """Return the name that the sources give to the ghost aura, else its number."""
    named = re2.compile(rb"\b([A-Z][A-Z0-9_]{2,})\s*=\s*%b\b|#define\s+([A-Z][A-Z0-9_]{2,})\s+%b\b" % (GHOST, GHOST))
    names = {found[1] or found[2] for source in sources for found in named.finditer(source.content)}
    return names.pop() if len(names) == 1 else GHOST


def _casts_of_release(release: _Application, found: list[_Application]) -> list[_Application]:
    """Return the casts of the ghost aura on who is released, which the release makes itself."""
    source = release.site.source
    return [
        each
        for each in found
        if each.call.name in _CASTS
        and each.spell in (GHOST, release.spell)
        and key_of(source, each.target) == release.call.key
    ]


def _second_casts(application: _Application) -> list[SourceEdit]:
    """Return the edits that drop the casts beside a release that make the same aura."""
    if application.call.name != _RELEASE:
        return []
    site = application.site
    beside = {each.id for each in earlier_statements(application.call.statement, site.scope)}
    beside |= {each.id for each in later_statements(application.call.statement, site.scope)}
    casts = _casts_of_release(application, list(_all_applications(site, ())))
    return [
        Writer.at(site).remove(each.call.statement)
        for each in casts
        if each.call.is_whole and each.call.statement.id in beside
    ]


def _guard(application: _Application) -> SourceEdit:
    site, call, source = application.site, application.call, application.site.source
    if is_broken(call.statement, site.scope):
        raise RefusalError(f"The parser does not understand {application}, perhaps for a macro.")
    if any(is_asked(source, call.node, site.scope, each) for each in _questions(application)):
        raise RefusalError(f"The aura is asked for already before {application}.")
    if taking := _taken_off(application):
        raise RefusalError(
            f"`{show(taking)}` takes auras off just before {application}: asking for one changes nothing."
        )
    if other := _other_question(application):
        raise RefusalError(f"`{show(other)}` before {application} asks for the same aura, or may by another name.")
    if not call.is_whole:
        raise RefusalError(f"The value of the call at {application} is needed, so it can't be left out.")
    if (own := _own_values(application)) is not None:
        raise RefusalError(f"`{show(own)}` gives the cast at {application} values of its own, which it renews.")
    if kind := _auraless(application):
        raise RefusalError(
            f"`{show(source.text(application.target))}` at {application} is a {show(kind)}: it has no auras."
        )
    if not is_repeatable(source, application.target):
        raise RefusalError(f"Who gets the aura at {application} is the result of a call, which must not run twice.")
    if _may_be_null(application):
        raise RefusalError(
            f"`{show(source.text(application.target))}` may be null at {application}: it is tested nearby."
        )
    if _is_stacked(application):
        raise RefusalError(f"The same aura is applied again and again around {application}, as it may have to be.")
    return Writer.at(site).only_if(call.statement, b"!" + application.question)


def _may_be_null(application: _Application) -> bool:
    """Say whether the function tests the target for null, and has not done so on every way to the call."""
    site, source, target = application.site, application.site.source, application.target
    key = key_of(source, target)
    if target.type not in ("identifier", "field_expression") or key == application.call.key:
        return False
    tests = [
        condition
        for each in of_type(
            site.scope, "if_statement", "conditional_expression", "while_statement", "binary_expression"
        )
        if (condition := each.child_by_field_name("condition") or each) is not None
    ]
    is_tested = any(implies(source, each, key, when=when) for each in tests for when in (True, False))
    return is_tested and not is_checked(source, application.call.node, key, site.scope)


def _is_stacked(application: _Application) -> bool:
    """
    Say whether the aura is to be applied several times, or may have to: what it is for can't be one aura alone.

    A loop makes the same call in each of its turns, a second call makes it once more, or the function speaks of stacks.
    """
    site, source, call = application.site, application.site.source, application.call
    if call.name not in _CASTS:
        return False
    kinds = ("identifier", "field_identifier", "comment")
    if any(_STACKS.search(source.text(each)) for each in of_type(site.scope, *kinds)):
        return True
    text = source.text(call.node)
    near = [*earlier_statements(call.statement, site.scope), *later_statements(call.statement, site.scope)]
    if any(source.text(each).rstrip(b";") == text for each in near):
        return True
    loop = enclosing_loop_of(call.statement, site.scope)
    if loop is None:
        return False
    leaves = [each for each in walk(call.node) if each.type == "identifier"]
    return not any(
        is_declared_within(source, source.text(leaf), leaf, loop)
        or is_assigned(source, source.text(leaf), [loop], range(loop.start_byte, loop.end_byte))
        for leaf in leaves
    )


def _taken_off(application: _Application) -> bytes | None:
    """Return a call before the application that takes auras off the same unit."""
    source, names = application.site.source, _names_of(application)
    for statement in earlier_statements(application.call.statement, application.site.scope):
        for call in method_calls(source, statement):
            if call.key in names and _TAKING.fullmatch(call.name):
                return source.text(call.node)
    return None


def _other_question(application: _Application) -> bytes | None:
    """Return a question before the call for an aura that may be the same: one of two is a name of unknown value."""
    source, call = application.site.source, application.call
    for condition, _ in conditions(call.node, application.site.scope):
        for asked in method_calls(source, condition):
            if not _ASKING.fullmatch(asked.name) or not asked.arguments or asked.key not in _names_of(application):
                continue
            spell = source.text(asked.arguments[0])
            if spell == application.spell or not (spell.isdigit() and application.spell.isdigit()):
                return source.text(asked.node)
    return None


def _questions(application: _Application) -> Iterator[bytes]:
    """Yield the question by each name of the target, up to its argument, behind which others may follow."""
    yield application.question.removesuffix(b")")
    for name in _names_of(application):
        yield from (b"%b%bHasAura(%b" % (name, operator, application.spell) for operator in (b"->", b"."))


def _auraless(application: _Application) -> bytes | None:
    """Return the class of the target where its objects have no auras."""
    source, target = application.site.source, application.target
    if application.call.name not in (*_CASTS, _CUSTOM) or target.type not in ("identifier", "field_expression"):
        return None
    scope = function_around(application.call.node)
    kind = class_of_name((source,), source, key_of(source, target), application.call.node, scope)
    return kind if _AURALESS.fullmatch(kind) else None


def _is_object(source: Source, application: _Application) -> bool:
    """Say whether the target is an object and no pointer: by its declaration, else by what goes on from it."""
    call, target = application.call, application.target
    if target.parent is not None and target.parent.type == "pointer_expression":
        return operator_of(target.parent) == "&"
    name = key_of(source, target)
    kind = declared_type(source, name, call.node, function_around(call.node) or application.site.scope)
    if kind is not None and b"auto" not in kind and b"_ptr" not in kind:
        return b"*" not in kind
    for each in walk(call.statement.parent or call.statement):
        if each.type == "field_expression" and key_of(source, each.child_by_field_name("argument") or each) == name:
            return operator_of(each) == "."
    return False


def _own_values(application: _Application) -> bytes | None:
    """Return what gives the cast values of its own, or may: then a second cast is no repetition of the first."""
    source, call = application.site.source, application.call
    if call.name == _CUSTOM:
        return source.text(call.node)
    for each in call.arguments[2:] if call.name == b"CastSpell" else ():
        text = source.text(each)
        if _VALUES.search(text):
            return text
        if each.type != "identifier":
            continue
        scope = function_around(call.node) or application.site.scope
        kind = declared_type(source, text, call.node, scope) or b""
        is_given = b"ExtraArgs" in kind and kind.endswith(b"&")
        is_given = is_given or (not kind and re2.search(rb"(?i)^m?_\w*args|value", text) is not None)
        uses = (node.parent for node in of_type(scope, "identifier") if source.text(node) == text)
        around = [statement_of(use) for use in uses if use is not None]
        if is_given or any(_VALUES.search(source.text(use)) for use in around if use is not None):
            return text
    return None


def _names_of(application: _Application) -> set[bytes]:
    """Return the keys by which the function reaches who gets the aura: the target's, and those of its aliases."""
    source, scope = application.site.source, function_around(application.call.node) or application.site.scope
    return aliases_of(source, scope, key_of(source, application.target))
