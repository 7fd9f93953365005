"""
The assertion in an object's destructor that nobody points to it any more: which pointer that is, and who holds it.

It is found in the sources at hand, or where these lack it, in the words of the failed assertion.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import re2
from tree_sitter import Node

from tasks.core.crash import Crash
from tasks.core.errors import RefusalError
from tasks.core.fixes import syntax
from tasks.core.fixes.calls import function_name, functions
from tasks.core.fixes.declared import initial_value
from tasks.core.fixes.expressions import operator_of
from tasks.core.fixes.guards import is_assertion
from tasks.core.fixes.syntax import Source, bare, field, walk
from tasks.core.names import normalise

_MAX_CONDITION = 200
_OF_SPELL = "m_spellModTakingSpell"
"""What the cores assert in the destructor of a ``Spell`` alone."""
PREFIX = re2.compile(rb"^(?:m_|_)")
"""How members are marked in these sources."""


@dataclass(frozen=True, kw_only=True)
class Assertion:
    """
    What the destructor asserts: ``holder->member != this``, where ``base->convert()`` gives the holder.

    ``operator`` is what stands between the holder and the member: ``->``, or ``.`` behind a reference.
    """

    owner: bytes
    holder: Node
    operator: str
    member: bytes
    source: Source
    is_guarded: bool

    @property
    def setter(self) -> bytes:
        """The name that a setter of the member has by the habit of these sources."""
        plain: bytes = PREFIX.sub(rb"", self.member)
        return b"Set" + plain[:1].upper() + plain[1:]


def find(crash: Crash, parsed: Mapping[str, Source]) -> Assertion:
    """
    Find the assertion of a destructor that another object's member does not point to what dies.

    Where the files hold several, or not the destructor itself, the words of the crash say which it is.
    """
    told = _told_assertion(crash)
    found = [
        each
        for source in [*parsed.values(), *([told] if told is not None else [])]
        for function in functions(source)
        if b"~" in function_name(source, function)
        for each in _assertions_in(source, function)
    ]
    if not found:
        raise RefusalError("No destructor in the files of the crash asserts that a pointer to the object is cleared.")
    named = [each for each in found if each.source is told]
    found = [each for each in found if not named or each.member == named[0].member]
    if len({each.member for each in found}) > 1:
        raise RefusalError("Destructors in the files of the crash assert this of several pointers.")
    return found[0]


def _told_assertion(crash: Crash) -> Source | None:
    """Return the failed condition of a crash as the only line of the destructor that its frames name."""
    conditions = [line.strip() for line in (crash.exception.message or "").splitlines() if "!=" in line]
    names = [normalise(frame.function) for frame in crash.frames if frame.function]
    destructors = [each for each in names if re2.fullmatch(r"(?:\w+::)*~\w+", each) and "::" in each]
    if len(conditions) != 1 or len(conditions[0]) > _MAX_CONDITION:
        return None
    if _OF_SPELL in conditions[0] and not any(each.endswith("::~Spell") for each in destructors):
        # A compiler that inlines the spell's destructor leaves only that of its owner on the stack.
        destructors.insert(0, "Spell::~Spell")
    if not destructors:
        return None
    source = syntax.parse(f"{destructors[0]}() {{ ASSERT({conditions[0]}); }}".encode())
    return None if source.root.has_error else source


def _assertions_in(source: Source, function: Node) -> Iterator[Assertion]:
    for call in walk(function):
        given = call.child_by_field_name("arguments") if is_assertion(source, call) else None
        for comparison in walk(given) if given is not None else ():
            if comparison.type != "binary_expression" or operator_of(comparison) != "!=":
                continue
            sides = [field(comparison, name) for name in ("left", "right")]
            other = next((each for each in sides if each is not None and each.type == "field_expression"), None)
            if other is None or not any(each is not None and each.type == "this" for each in sides):
                continue
            holder, member = other.child_by_field_name("argument"), other.child_by_field_name("field")
            if holder is not None and holder.type == "identifier":
                # A variable of the destructor stands for what it was declared with.
                holder = initial_value(source, source.text(holder), holder, function) or holder
            if holder is not None and member is not None:
                yield Assertion(
                    owner=function_name(source, function),
                    holder=bare(holder),
                    operator=operator_of(other),
                    member=source.text(member),
                    source=source,
                    is_guarded=_tests_base(source, function, call, holder),
                )


def _tests_base(source: Source, function: Node, call: Node, holder: Node) -> bool:
    """Say whether the destructor asks first whether the object behind the holder is there at all."""
    base = source.text(base_of(holder))
    around = [each.child_by_field_name("condition") for each in syntax.ancestors(call, function)]
    given = call.child_by_field_name("arguments")
    conditions = [each for each in (*around, given) if each is not None]
    operands = [part for each in conditions for part in walk(each) if part.type in ("identifier", "field_identifier")]
    return any(
        source.text(each) == base and each.parent is not None and each.parent.type != "field_expression"
        for each in operands
        if each.start_byte < holder.start_byte or each.start_byte >= holder.end_byte
    )


def base_of(holder: Node) -> Node:
    """Return the object that a chain of conversions begins with: ``m_caster`` of ``m_caster->ToPlayer()``."""
    node = holder
    while True:
        if node.type == "call_expression":
            function = node.child_by_field_name("function")
            if function is None or function.type != "field_expression":
                return node
            node = function.child_by_field_name("argument") or node
            continue
        return node
