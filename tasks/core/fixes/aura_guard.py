"""
The template `aura-guard`: ask whether an aura is there before it is put on once more.

An aura that is applied twice fails an assertion of the core. Where a bot's code casts a spell on somebody, or releases
a spirit, which casts the ghost aura, the aura is asked for first; a cast that the release makes anyway goes.
"""

from collections.abc import Iterator, Mapping

import re2

from tasks.core.crash import Crash
from tasks.core.edits import SourceEdit
from tasks.core.errors import RefusalError
from tasks.core.fixes import syntax
from tasks.core.fixes.aura_applications import (
    CASTS,
    CUSTOM,
    RELEASE,
    Application,
    all_applications,
    applications,
    casts_of_release,
)
from tasks.core.fixes.calls import OWN, function_around, function_name, functions, method_calls, own_calls, sites
from tasks.core.fixes.classes import class_of_name
from tasks.core.fixes.contract import FromFrames, Proposal
from tasks.core.fixes.declared import aliases_of, declared_type, is_declared_within
from tasks.core.fixes.deeds import paid_before
from tasks.core.fixes.expressions import is_asked_anew, is_assigned, is_repeatable, key_of
from tasks.core.fixes.guarding import Writer
from tasks.core.fixes.guards import conditions, earlier_statements, implies, is_asked, is_checked, later_statements
from tasks.core.fixes.site import show
from tasks.core.fixes.skipping import enclosing_loop_of
from tasks.core.fixes.syntax import is_broken, of_type, statement_of, walk
from tasks.core.hierarchy import Level

_VALUES = re2.compile(rb"(?i)SpellValue|AddSpell(?:Mod|BP)|Base_?Points?|Custom\w*Values?|SetValue|\bbp\d?\b")
"""What gives a cast values of its own, with which a second cast renews the aura."""

_AURALESS = re2.compile(
    rb"(?:World|Game|Dynamic|Scene)?Object|Item|Bag|Corpse|AreaTrigger|Conversation"
    rb"|\w*(?:Position|Location|Targets?|TargetArg|G[Uu][Ii][Dd])"
)
"""Classes that a spell is cast on and that have no auras, as far as their pointer says."""

_ASKING = re2.compile(rb"(?:Has|Get|Find)\w*Aura\w*")
_PERIODIC = re2.compile(rb"(?i)periodic|ontick|handletick")
_STACKS = re2.compile(rb"(?i)stack")
_LOOKING = re2.compile(rb"GetAura(?:Effect|Application)?|GetOwnedAura")
_TAKING = re2.compile(rb"Remove\w*Auras?\w*")


class AuraGuard(FromFrames):
    """Apply an aura only to who does not have it."""

    slug = "aura-guard"
    version = 6
    summary = "asks whether an aura is there before it is applied once more"
    level: Level = "module only"

    def propose(self, crash: Crash, sources: Mapping[str, bytes]) -> Proposal:
        """
        Propose a test around the call that applies the aura a second time.

        Raises:
            RefusalError: no frame applies an aura, it is asked for already, or the call can't be left out.
        """
        parsed = {path: syntax.parse(content) for path, content in sources.items()}
        found = [each for site in sites(crash, parsed) for each in applications(site, tuple(parsed.values()))]
        if not found:
            raise RefusalError(
                "No frame with source of ours casts a spell of a known number on a unit, or releases a spirit."
            )
        first = found[0]
        edits = [*_second_casts(first), _guard(first)]
        dropped = " The cast of the same spell beside it goes." if len(edits) > 1 else ""
        return Proposal(
            edits=tuple(edits),
            explanation=f"Runs `{show(first.site.source.text(first.call.node))}` at {first} only while"
            f" `{show(first.question)}` says no.{dropped} An aura that is there already fails an assertion of the core"
            " when it is applied once more.",
        )


def _second_casts(application: Application) -> list[SourceEdit]:
    """Return the edits that drop the casts beside a release that make the same aura."""
    if application.call.name != RELEASE:
        return []
    site = application.site
    statement = application.call.statement
    sequence = [*earlier_statements(statement, site.scope), *later_statements(statement, site.scope)]
    beside = {each.id for each in sequence}
    casts = casts_of_release(application, list(all_applications(site, ())))
    dropped = [each for each in casts if each.call.is_whole and each.call.statement.id in beside]
    for each in casts:
        node = each.call.node
        is_run_too = any(outer.start_byte <= node.start_byte < outer.end_byte for outer in sequence)
        asked = any(is_asked(site.source, node, site.scope, question) for question in _questions(each))
        if each not in dropped and is_run_too and not asked:
            raise RefusalError(f"`{show(site.source.text(node))}` may apply the aura of {application} once more.")
    return [Writer.at(site).remove(each.call.statement) for each in dropped]


def _guard(application: Application) -> SourceEdit:
    site, call, source = application.site, application.call, application.site.source
    if is_broken(call.statement, site.scope):
        raise RefusalError(f"The parser does not understand {application}, perhaps for a macro.")
    if any(is_asked(source, call.node, site.scope, each) for each in _questions(application)):
        raise RefusalError(f"The aura is asked for already before {application}.")
    if helper := _asked_by_helper(application):
        raise RefusalError(f"`{show(helper)}`, which is called before {application}, asks for an aura already.")
    if taking := _taken_off(application):
        raise RefusalError(
            f"`{show(taking)}` takes auras off just before {application}: asking for one changes nothing."
        )
    if other := _other_question(application):
        raise RefusalError(f"`{show(other)}` before {application} asks for the same aura, or may by another name.")
    _check_purpose(application)
    if not call.is_whole:
        raise RefusalError(f"The value of the call at {application} is needed, so it can't be left out.")
    if (own := _own_values(application)) is not None:
        raise RefusalError(f"`{show(own)}` gives the cast at {application} values of its own, which it renews.")
    if kind := _auraless(application):
        raise RefusalError(
            f"`{show(source.text(application.target))}` at {application} is a {show(kind)}: it has no auras."
        )
    if not is_repeatable(source, application.target) and not is_asked_anew(source, application.target, site.scope):
        raise RefusalError(f"Who gets the aura at {application} is the result of a call, which must not run twice.")
    if _may_be_null(application):
        raise RefusalError(
            f"`{show(source.text(application.target))}` may be null at {application}: it is tested nearby."
        )
    if _is_stacked(application):
        raise RefusalError(f"The same aura is applied again and again around {application}, as it may have to be.")
    return Writer.at(site).only_if(call.statement, b"!" + application.question)


def _may_be_null(application: Application) -> bool:
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


def _is_stacked(application: Application) -> bool:
    """
    Say whether the aura is to be applied several times, or may have to: what it is for can't be one aura alone.

    A loop makes the same call in each of its turns, a second call makes it once more, the function speaks of stacks, or
    it is run for each tick of an aura and renews another one by it.
    """
    site, source, call = application.site, application.site.source, application.call
    if call.name not in CASTS:
        return False
    is_tick = _PERIODIC.search(function_name(source, site.scope)) is not None
    is_renewed = is_tick and key_of(source, application.target) != call.key
    kinds = ("identifier", "field_identifier", "comment")
    is_told = any(_STACKS.search(source.text(each)) for each in of_type(site.scope, *kinds))
    lines = [line for line in source.compiled.splitlines() if application.spell in line]
    if is_renewed or is_told or (not application.spell.isdigit() and any(map(_STACKS.search, lines))):
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


def _taken_off(application: Application) -> bytes | None:
    """Return a call before the application that takes auras off the same unit."""
    source, names = application.site.source, _names_of(application)
    for statement in earlier_statements(application.call.statement, application.site.scope):
        for call in method_calls(source, statement):
            if call.key in names and _TAKING.fullmatch(call.name):
                return source.text(call.node)
    return None


def _asked_by_helper(application: Application) -> bytes | None:
    """Return a function of the file that a condition before the call asks, and that asks for auras itself."""
    source, call = application.site.source, application.call
    bodies = {function_name(source, each).rpartition(b"::")[2]: source.text(each) for each in functions(source)}
    for condition, _ in conditions(call.node, application.site.scope):
        for asked in own_calls(source, condition):
            if b"HasAura(" in bodies.get(asked.name, b""):
                return asked.name
    return None


def _other_question(application: Application) -> bytes | None:
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


def _check_purpose(application: Application) -> None:
    """Refuse where the call is there for more than an aura that may be there already."""
    if kept := _looked_at(application):
        raise RefusalError(f"`{show(kept)}` looks at the aura before {application}, which renews it.")
    if _may_be_an_attack(application):
        raise RefusalError(
            f"The cast at {application} on another one is no triggered one: it may be made for more than an aura."
        )
    earlier = earlier_statements(application.call.statement, application.site.scope)
    if paid := next(paid_before(application.site.source, earlier), None):
        raise RefusalError(f"`{show(application.site.source.text(paid))}` has paid for the cast at {application}.")
    if corpse := _needs_corpse(application):
        raise RefusalError(f"`{show(corpse)}` after {application} needs what the release leaves.")


def _looked_at(application: Application) -> bytes | None:
    """Return the call before this one that gets the aura itself of the target, to see how long or strong it is."""
    source, call = application.site.source, application.call
    for each in earlier_statements(call.statement, application.site.scope):
        for asked in method_calls(source, each):
            is_same = bool(asked.arguments) and source.text(asked.arguments[0]) == application.spell
            if is_same and _LOOKING.fullmatch(asked.name) and asked.key in _names_of(application):
                return source.text(asked.node)
    return None


def _may_be_an_attack(application: Application) -> bool:
    """Say whether a cast is on another one than who casts, and made as a player would make it."""
    source, call = application.site.source, application.call
    if call.name != b"CastSpell" or key_of(source, application.target) in (call.key, OWN):
        return False
    return len(call.arguments) < 3 or source.text(call.arguments[2]) in (b"false", b"TRIGGERED_NONE")


def _needs_corpse(application: Application) -> bytes | None:
    """Return a later call that gets the corpse of who is released."""
    if application.call.name != RELEASE:
        return None
    source = application.site.source
    later = later_statements(application.call.statement, application.site.scope)
    calls = (each for node in later for each in method_calls(source, node))
    return next((source.text(each.node) for each in calls if each.name == b"GetCorpse"), None)


def _questions(application: Application) -> Iterator[bytes]:
    """Yield the question by each name of the target, up to its argument, behind which others may follow."""
    yield application.question.removesuffix(b")")
    for name in _names_of(application):
        yield from (b"%b%bHasAura(%b" % (name, operator, application.spell) for operator in (b"->", b"."))


def _auraless(application: Application) -> bytes | None:
    """Return the class of the target where its objects have no auras."""
    source, target = application.site.source, application.target
    if application.call.name not in (*CASTS, CUSTOM) or target.type not in ("identifier", "field_expression"):
        return None
    scope = function_around(application.call.node)
    kind = class_of_name((source,), source, key_of(source, target), application.call.node, scope)
    return kind if _AURALESS.fullmatch(kind) else None


def _own_values(application: Application) -> bytes | None:
    """Return what gives the cast values of its own, or may: then a second cast is no repetition of the first."""
    source, call = application.site.source, application.call
    if call.name == CUSTOM:
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


def _names_of(application: Application) -> set[bytes]:
    """Return the keys by which the function reaches who gets the aura: the target's, and those of its aliases."""
    source, scope = application.site.source, function_around(application.call.node) or application.site.scope
    return aliases_of(source, scope, key_of(source, application.target))
