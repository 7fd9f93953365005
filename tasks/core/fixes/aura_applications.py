"""Where a source puts an aura on somebody: by a cast, by `AddAura`, or by the release of a spirit."""

from collections.abc import Iterator
from dataclasses import dataclass

import re2
from tree_sitter import Node

from tasks.core.errors import RefusalError
from tasks.core.fixes.calls import OWN, MethodCall, function_around, function_name, functions, method_calls, own_calls
from tasks.core.fixes.classes import class_of
from tasks.core.fixes.declared import declared_type, initial_value, member_type
from tasks.core.fixes.expressions import called_name, is_repeatable, key_of, operator_of
from tasks.core.fixes.reliance import is_number
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import Source, ancestors, of_type, walk

GHOST = b"8326"
"""The aura that the release of a spirit puts on, in all servers of this family; sources may have a name for it."""

RELEASE = b"BuildPlayerRepop"
_REQUEST = re2.compile(rb"HandleRepopRequest\w*")
CASTS = (b"CastSpell", b"AddAura", b"DoCast")
CUSTOM = b"CastCustomSpell"
_CONSTANT = re2.compile(rb"(?:[A-Za-z_]\w*::)*[A-Z][A-Z0-9_]+|\d+")


@dataclass(frozen=True, kw_only=True)
class Application:
    """A call that puts an aura on ``target``; ``spell`` is its number or constant as the source spells it."""

    call: MethodCall
    site: Site
    target: Node
    spell: bytes

    @property
    def question(self) -> bytes:
        """The test whether the aura is there."""
        source = self.site.source
        if self.target.type == "this" or (self.call.name == RELEASE and self.call.key == OWN):
            return b"HasAura(%b)" % self.spell
        operator = b"." if is_object(source, self) else b"->"
        return b"%b%bHasAura(%b)" % (source.text(self.target), operator, self.spell)

    def __str__(self) -> str:
        return f"{show(self.site.frame.file or '').rpartition('/')[2]}:{self.call.line}"


def applications(site: Site, sources: tuple[Source, ...]) -> list[Application]:
    """Return the applications on the frame's line, or those of the function where the line has none."""
    found = list(all_applications(site, sources))
    on_line = [each for each in found if site.row in range(each.call.node.start_point.row, _end(each) + 1)]
    releases = [each for each in found if each.call.name == RELEASE]
    if on_line:
        # The release beside a cast of its own aura is the one to ask for; the cast goes.
        twins = [each for each in releases if on_line[0] in casts_of_release(each, found)]
        return twins or on_line
    chosen = releases or found
    if len({each.question for each in chosen}) > 1 or len(chosen) > 1:
        places = ", ".join(str(each) for each in chosen)
        raise RefusalError(f"Several calls apply an aura and no frame stands at one of them: {places}.")
    return chosen


def _end(application: Application) -> int:
    return application.call.node.end_point.row


def all_applications(site: Site, sources: tuple[Source, ...]) -> Iterator[Application]:
    """Yield the applications of a site's function, whatever their line."""
    source = site.source
    for call in (*method_calls(source, site.scope), *own_calls(source, site.scope)):
        if call.name == RELEASE and not call.arguments and (call.key != OWN or _is_in_player(source, call)):
            yield Application(call=call, site=site, target=call.object, spell=_ghost(sources))
        elif _REQUEST.fullmatch(call.name) and (player := _player_of_session(source, call)) is not None:
            yield Application(call=call, site=site, target=player, spell=_ghost(sources))
        elif call.name in (*CASTS, CUSTOM) and len(call.arguments) >= 2:
            target, spell = call.arguments[:2] if call.name != b"AddAura" else reversed(call.arguments[:2])
            if call.name == CUSTOM and _CONSTANT.fullmatch(source.text(target)):
                target, spell = call.arguments[-1], target
            is_constant = _CONSTANT.fullmatch(source.text(spell)) or _is_named_constant(site, call, spell)
            if is_constant or _is_number(site, sources, call, spell):
                yield Application(call=call, site=site, target=_aimed(target), spell=source.text(spell))


def _is_in_player(source: Source, call: MethodCall) -> bool:
    """
    Say whether a call by a name alone stands in a method of a player, which releases itself.

    A class whose own release asks for the aura has more in it than the core's.
    """
    function = function_around(call.node)
    kind = class_of(source, function) if function is not None else b""
    own = [each for each in functions(source) if function_name(source, each) == kind + b"::" + RELEASE]
    return kind.endswith(b"Player") and not any(b"HasAura(" in source.text(each) for each in own)


def _is_named_constant(site: Site, call: MethodCall, spell: Node) -> bool:
    """Say whether a spell is an enumerator of a scope, a number of the template, or one that the function keeps."""
    source, name = site.source, site.source.text(spell)
    if spell.type == "qualified_identifier":
        return re2.fullmatch(rb"(?:\w+::)+[A-Z]\w*", name) is not None
    around = [each for each in ancestors(call.node) if each.type == "template_declaration"]
    given = [each.child_by_field_name("parameters") for each in around]
    made = [node for each in given if each for node in of_type(each, "parameter_declaration")]
    if any(source.text(each.child_by_field_name("declarator") or each) == name for each in made):
        return True
    scope = function_around(call.node) or site.scope
    value = initial_value(source, name, spell, scope) if spell.type == "identifier" else None
    kind = declared_type(source, name, spell, scope) or b""
    parts = [value]
    if value is not None and value.type == "conditional_expression":
        parts = [value.child_by_field_name("consequence"), value.child_by_field_name("alternative")]
    is_number = all(each is not None and each.type == "number_literal" for each in parts)
    return is_number and (kind.endswith(b" const") or kind.startswith(b"const "))


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


def casts_of_release(release: Application, found: list[Application]) -> list[Application]:
    """Return the casts of the ghost aura on who is released, which the release makes itself."""
    source = release.site.source
    return [
        each
        for each in found
        if each.call.name in CASTS
        and each.spell in (GHOST, release.spell)
        and key_of(source, each.target) == release.call.key
    ]


def is_object(source: Source, application: Application) -> bool:
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
