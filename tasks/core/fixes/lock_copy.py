"""
The template `lock-copy`: what is called out for does not run under the lock that guards the list.

A loop that calls out for each element of a member while it holds the member's lock waits for whatever the callee waits
for. Where nothing but the walk needs the lock, the loop walks a copy that was taken under it. What a callee or the rest
of the function may still expect of the lock is not provable in general, so most shapes are refused.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import re2
from tree_sitter import Node

from tasks.core.crash import Crash, Thread
from tasks.core.edits import SourceEdit
from tasks.core.errors import RefusalError
from tasks.core.fixes import syntax
from tasks.core.fixes.calls import (
    function_around,
    function_name,
    functions,
    method_calls,
    moved_sites,
    own_calls,
    sites,
)
from tasks.core.fixes.contract import Proposal, files_with_headers
from tasks.core.fixes.copying import fault_of_copy, holds_pointers
from tasks.core.fixes.declared import declared_type, is_local, member_form
from tasks.core.fixes.expressions import called_name, declared_name, is_repeatable, key_of
from tasks.core.fixes.guarding import Writer
from tasks.core.fixes.guards import earlier_statements, mentions
from tasks.core.fixes.locked_walk import LockedWalk, calls_out, locked_walks, statements_around
from tasks.core.fixes.locks import lock_of
from tasks.core.fixes.shared_state import SharedState
from tasks.core.fixes.site import show
from tasks.core.fixes.syntax import BLOCKS, LOOPS, Source, ancestors, body_of, is_broken, of_type, walk
from tasks.core.fixes.walks import walk_of
from tasks.core.hierarchy import Level

_MAX_FILES = 60
_PREFIX = re2.compile(rb"^(?:m_|s_|_)")
_VALUE = re2.compile(
    rb"(?:const )?(?:bool|float|double|(?:std::)?(?:u?int\d*(?:_t)?|size_t)|\w*G[Uu][Ii][Dd])(?: const)?"
)
_WAITS = re2.compile(r"(?i)lock|mutex|mtx_|futex|WaitForAlert")
_LOCKED = re2.compile(
    rb"(?:_?(?:[Uu]n)?[Ll]ocked|_?[Nn]o_?[Ll]ock|_?[Ww]ithout_?[Ll]ock|_?[Ll]ock_?[Hh]eld|_?[Uu]nsafe)$"
)
_TOP_FRAMES = 6


class LockCopy:
    """Copy a list under its lock and call out for its elements without it."""

    slug = "lock-copy"
    version = 4
    summary = "copies a list under its lock and calls out for its elements when the lock is given back"
    level: Level = "core"

    def wanted_files(self, crash: Crash) -> tuple[str, ...]:
        """Return the files of our own frames on all stacks: a freeze has several, and the headers beside them."""
        files = (file for each in _stacks(crash) for file in files_with_headers(each))
        return tuple(dict.fromkeys(files))[:_MAX_FILES]

    def wanted_texts(self, crash: Crash) -> tuple[bytes, ...]:
        """Return nothing: who holds the lock stands on a stack."""
        return ()

    def propose(self, crash: Crash, sources: Mapping[str, bytes]) -> Proposal:
        """
        Propose a walk over a copy.

        Raises:
            RefusalError: no stack stands in such a loop, or something else in it needs the lock.
        """
        if crash.exception.kind not in ("deadlock", "unknown"):
            raise RefusalError("The crash is no freeze, so no lock is its cause.")
        parsed = {path: syntax.parse(content) for path, content in sources.items()}
        found = _find(crash, parsed)
        _check(found, tuple(parsed.values()))
        is_alive = not holds_pointers(tuple(parsed.values()), _member(found), found.loop, found.source)
        alive = "" if is_alive else ", whose pointers nothing at hand deletes,"
        return Proposal(
            edits=tuple(_edits(found, _free_name(found, tuple(parsed.values())))),
            explanation=f"Copies {found.shown}{alive} under the lock and gives `{show(found.lock.name)}` back before"
            f" the {found.shape} at {found} calls out. It held the lock while it waited for what it called, and that"
            " waits for the lock or for one whose holder does.",
        )


def _edits(found: LockedWalk, name: bytes) -> list[SourceEdit]:
    source, loop, container = found.source, found.loop, found.container
    writer = Writer.at(found.site)
    kind = b"auto" if found.walk.may_change_elements else b"auto const"
    lines = (b"%b %b = %b;" % (kind, name, source.text(container)), b"%b.unlock();" % found.lock.name)
    is_first = found.walk.places[0].start_byte == loop.start_byte
    if loop.parent is not None and loop.parent.type in BLOCKS and not is_first:
        replaced = [writer.replace(each, name) for each in found.walk.places]
        inserted = [writer.insert_before(loop, *lines, is_apart=True), *replaced]
    else:
        changed, start = source.text(loop), loop.start_byte
        for each in sorted(found.walk.places, key=lambda place: -place.start_byte):
            changed = changed[: each.start_byte - start] + name + changed[each.end_byte - start :]
        if is_first:
            indent = source.newline + source.indent(start)
            inserted = [writer.replace(loop, indent.join(lines) + source.newline + indent + changed)]
        else:
            inserted = [writer.insert_before(loop, *lines, is_apart=True, text=changed)]
    return [*_unlockable(found, writer), *inserted]


def _stacks(crash: Crash) -> Iterator[Crash]:
    """Yield the crash once for each of its threads, as if that one had crashed."""
    for thread in sorted(crash.threads, key=lambda each: (not _is_waiting(each), not each.is_crashed)):
        yield replace(crash, threads=(replace(thread, is_crashed=True),))


def _is_waiting(thread: Thread) -> bool:
    """Say whether a stack ends in a wait for a lock."""
    return any(_WAITS.search(frame.function or "") for frame in thread.frames[:_TOP_FRAMES])


def _find(crash: Crash, parsed: Mapping[str, Source]) -> LockedWalk:
    """Return the loop in which a stack stands, or the only one under the lock at which it stands."""
    places = [site for each in _stacks(crash) for site in sites(each, parsed)]
    places += [site for each in _stacks(crash) for site in moved_sites(each, parsed)]
    if not places:
        raise RefusalError("No stack has a frame in a function of the sources at hand.")
    walks = [(site, each) for site in places for each in locked_walks(site)]
    for site, each in walks:
        if site.frame.line and each.loop.start_point.row <= site.row <= each.loop.end_point.row:
            return each
    waiting = [
        each for site, each in walks if site.frame.line is None or site.row == each.lock.declaration.start_point.row
    ]
    if not waiting:
        raise RefusalError(
            "No stack stands in a loop over the elements of a member that a lock_guard or unique_lock of the same block"
            " guards, so there is nothing that could be copied under the lock."
        )
    if len({each.loop.id for each in waiting}) > 1:
        raise RefusalError(f"Several loops run under the lock at {waiting[0]}, and no stack stands in one of them.")
    if other := _other_holder(waiting[0], parsed.values()):
        raise RefusalError(f"No stack shows who holds the lock at {waiting[0]}; `{show(other)}` may as well.")
    return waiting[0]


def _other_holder(found: LockedWalk, sources: Collection[Source]) -> bytes | None:
    """Return the name of another function that takes the lock and calls out, so that it may be the one that waits."""
    own = function_around(found.loop)
    for source in sources:
        for function in functions(source):
            if function == own or not any(each in source.text(function) for each in found.lock.mutexes):
                continue
            outside = [each for each in method_calls(source, function) if b"->" in source.text(each.node)]
            if outside:
                from_name = source.text(function).partition(b"(")[0].split()
                return from_name[-1] if from_name else b"?"
    return None


def _check(found: LockedWalk, sources: Collection[Source]) -> None:
    """Refuse what is not provably the same when the loop runs without the lock."""
    source, lock, loop = found.source, found.lock, found.loop
    if any(is_broken(each, found.site.scope) for each in (lock.declaration, loop)):
        raise RefusalError(f"The parser does not understand {found}, perhaps for a macro.")
    if not lock.is_plain or len(lock.mutexes) != 1:
        raise RefusalError(f"The lock before {found} does not simply hold one mutex.")
    around = [loop, *statements_around(found)]
    if any(each.type == "identifier" and source.text(each) == lock.name for node in around for each in walk(node)):
        raise RefusalError(f"`{show(lock.name)}` is used again in its block, so it is not held just for {found}.")
    if outer := _outer_lock(found):
        raise RefusalError(f"`{show(outer)}` is held around {found} as well, and would still be.")
    owner = _owner(found)
    if owner is None or not is_repeatable(source, found.container):
        raise RefusalError(f"The loop at {found} walks over {found.shown}, which is no member.")
    if not _guards_own(found, owner):
        raise RefusalError(
            f"`{show(lock.mutexes[0])}` is the lock of another object than the one whose {found.shown} is walked over."
        )
    if not calls_out(found):
        raise RefusalError(f"The loop at {found} calls nothing for its elements, so it can't wait there.")
    if needing := _needs_lock(found):
        raise RefusalError(f"`{show(needing)}` at {found} says by its name that it wants the lock to be held.")
    if changed := _changed_element(found):
        raise RefusalError(f"`{show(source.text(changed))}` at {found} changes an element, which the lock guards too.")
    if drawn := _drawn_under_lock(found):
        raise RefusalError(
            f"`{show(source.text(drawn))}` is drawn under the lock, and its order is the order of calls."
        )
    if other := _other_walk(found):
        line = other.start_point.row + 1
        raise RefusalError(
            f"The loop in line {line} calls out under the lock of {found} as well, and would still wait."
        )
    _check_container(found, sources)
    shared = SharedState(source=source, sources=sources, scope=found.site.scope, mutex=lock.mutexes[0], owner=owner)
    _check_state(found, shared)


def _needs_lock(found: LockedWalk) -> bytes | None:
    """Return a function that the loop calls and that by its name is called under a lock: ``FlushLocked``."""
    for call in of_type(found.loop, "call_expression"):
        function = call.child_by_field_name("function")
        name = called_name(found.source, function) if function is not None else b""
        if _LOCKED.search(name):
            return name
    return None


def _changed_element(found: LockedWalk) -> Node | None:
    """Return an assignment in the loop to a member of an element: a copy of pointers leaves it without the lock."""
    for each in of_type(found.loop, "assignment_expression", "update_expression"):
        target = each.child_by_field_name("left") or each.child_by_field_name("argument")
        if target is None or target.type not in ("field_expression", "subscript_expression"):
            continue
        if any(mentions(found.source, [target], name) for name in found.walk.names):
            return each
    return None


def _drawn_under_lock(found: LockedWalk) -> Node | None:
    """Return a declaration under the lock that steps a member and whose value the loop uses: ``id = ++m_last``."""
    for each in statements_around(found):
        declarator = each.child_by_field_name("declarator") if each.type == "declaration" else None
        named = declared_name(declarator) if declarator is not None else None
        steps = of_type(each, "update_expression", "assignment_expression") if named is not None else []
        if named is not None and steps and mentions(found.source, [found.loop], found.source.text(named)):
            return each
    return None


def _other_walk(found: LockedWalk) -> Node | None:
    """Return a loop before this one, under the same lock, that calls out for its elements as well."""
    for statement in statements_around(found):
        for loop in of_type(statement, *LOOPS) if statement.end_byte <= found.loop.start_byte else ():
            walked = walk_of(found.source, loop)
            if walked is not None and calls_out(replace(found, walk=walked)):
                return loop
    return None


def _outer_lock(found: LockedWalk) -> bytes | None:
    """Return another lock that the function, or one that calls it, holds at the loop."""
    function = function_around(found.loop)
    for each in ancestors(found.loop, function):
        for statement in each.named_children if each.type == "compound_statement" else ():
            if statement.start_byte < found.loop.start_byte and statement != found.lock.declaration:
                other = lock_of(found.source, statement)
                if other is not None:
                    return other.name
    own = function_name(found.source, function).rpartition(b"::")[2] if function is not None else b""
    for caller in functions(found.source):
        calls = [each for each in own_calls(found.source, caller) if each.name == own]
        held = [lock for each in walk(caller) if (lock := lock_of(found.source, each)) is not None] if calls else []
        if caller != function and any(set(lock.mutexes) & set(found.lock.mutexes) for lock in held):
            return function_name(found.source, caller)
    return None


def _owner(found: LockedWalk) -> bytes | None:
    """Return the object whose member is walked over, empty for the function's own; None where it is no member."""
    source, node = found.source, found.container
    function = function_around(found.loop) or found.site.scope
    if node.type == "identifier":
        return None if is_local(source, source.text(node), node, function) else b""
    base = node.child_by_field_name("argument") if node.type == "field_expression" else None
    if base is None:
        return None
    return b"" if base.type == "this" else key_of(source, base)


def _guards_own(found: LockedWalk, owner: bytes) -> bool:
    """Say whether lock and container belong to one object, as far as a variable of the function is not another one."""
    holder = found.lock.holder
    if holder == owner:
        return True
    function = function_around(found.loop) or found.site.scope
    bases = [re2.split(rb"->|\.", each, 1)[0] for each in (holder, owner) if each]
    return not any(is_local(found.source, each, found.loop, function) for each in bases)


def _member(found: LockedWalk) -> bytes:
    """Return the name of the container as its class declares it."""
    return key_of(found.source, found.container).rpartition(b"->")[2].rpartition(b".")[2]


def _check_container(found: LockedWalk, sources: Collection[Source]) -> None:
    source = found.source
    body = found.walk.body
    if body is None or any(each.type == "delete_expression" for each in walk(body)):
        raise RefusalError(f"The loop at {found} deletes, and another thread must not see what it does.")
    if fault := fault_of_copy(sources, _member(found), found.walk, source):
        raise RefusalError(f"A copy of {found.shown} would not do at {found}: {fault}.")


def _check_state(found: LockedWalk, shared: SharedState) -> None:
    loop, body = found.loop, found.walk.body
    assert body is not None
    if use := shared.use_in(body, found.walk.places):
        raise RefusalError(f"The {found.shape} at {found} uses {use}.")
    around = list(statements_around(found))
    behind = [each for each in around if each.start_byte >= loop.end_byte]
    if use := next((use for each in behind if (use := shared.use_in(each))), None):
        raise RefusalError(f"What follows the {found.shape} at {found} uses {use}.")
    function = function_around(loop) or found.site.scope
    aliases = [each for each in earlier_statements(found.lock.declaration, function) if _declares_reference(each)]
    for each in [*aliases, *around]:
        is_taken = each.type == "declaration" and each not in behind and shared.use_in(each)
        if is_taken and (name := _kept(found, each, [body, *behind])):
            raise RefusalError(
                f"`{show(name)}` is taken under the lock and used at {found}, where it may have changed."
            )


def _declares_reference(statement: Node) -> bool:
    return statement.type == "declaration" and any(each.type == "reference_declarator" for each in walk(statement))


def _kept(found: LockedWalk, declaration: Node, later: list[Node]) -> bytes | None:
    """Return the variable of a declaration that is used later and may be a part of what the lock guards."""
    source = found.source
    function = function_around(found.loop) or found.site.scope
    for each in walk(declaration):
        if each.type != "identifier" or not mentions(source, later, source.text(each)):
            continue
        kind = declared_type(source, source.text(each), found.loop, function)
        if kind is not None and not _VALUE.fullmatch(kind):
            return source.text(each)
    return None


def _unlockable(found: LockedWalk, writer: Writer) -> list[SourceEdit]:
    """Return the edit that makes the lock one that can be given back before its block ends."""
    if found.lock.kind in (b"unique_lock", b"shared_lock"):
        kind = found.source.text(found.lock.declaration)
        if not re2.search(rb"\bconst\b", kind.partition(found.lock.name)[0]):
            return []
    declaration = found.lock.declaration
    head = found.source.text(declaration)
    place = re2.search(rb"\b%b\s*[({]" % re2.escape(found.lock.name), head).start()
    kind = head[:place]
    kind = re2.sub(rb"\bconst\s+", rb"", kind)
    kind = re2.sub(rb"\b(?:lock_guard|scoped_lock)\b", rb"unique_lock", kind)
    return [writer.replace(declaration, kind + head[place:])]


def _free_name(found: LockedWalk, sources: Collection[Source]) -> bytes:
    """Return a name for the copy, made of the member's: ``m_listeners`` -> ``listeners``."""
    member = _member(found)
    stem = _PREFIX.sub(rb"", member).strip(b"_") or member
    function = function_around(found.loop) or found.site.scope
    body = body_of(function) or function
    used = {found.source.text(each) for each in walk(function) if each.type.endswith("identifier")}
    suffix = b"_copy" if b"_" in stem else b"Copy"
    for name in (stem, stem + suffix, *(stem + suffix + b"%d" % number for number in range(2, 10))):
        if name != member and name not in used and member_form(sources, name) is None:
            return name
    raise RefusalError(f"No free name is left for a copy in line {body.start_point.row + 1}.")
