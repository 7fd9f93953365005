"""
Which pointer was null: read from the frames, from the innermost out, and from the source on their lines.

A crash inside a method that touches nothing but its own object says that the caller's pointer to that object was null.
So the search goes outwards until a frame's line goes through a pointer. Where several could be null, it refuses.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tree_sitter import Node

from tasks.core.crash import NULL_PAGE, Crash, Frame
from tasks.core.errors import RefusalError
from tasks.core.fixes.declared import ITERATOR_CALLS, Form, is_local, is_reference, local_form, member_form
from tasks.core.fixes.evidence import check_shown, frames_of, is_accessor, library_callee
from tasks.core.fixes.expressions import (
    Dereference,
    called_name,
    dereferences,
    operator_of,
    pointer_of,
)
from tasks.core.fixes.guards import exits, implies, is_checked, is_used_before
from tasks.core.fixes.likelihood import is_given_away, is_made_here, likeliest, through_macros
from tasks.core.fixes.site import Site, argument_values, locate, show
from tasks.core.fixes.syntax import Source, body_of, own_nodes, parse, statement_of, walk
from tasks.core.names import LAMBDA, unqualified

_INLINE_NAMESPACES = frozenset({"__1", "__2", "__cxx11", "__cxx1998", "__ndk1", "_V2", "__detail", "__debug"})
_ITERATOR_NAMES = (b"it", b"itr", b"iter")


@dataclass(frozen=True, kw_only=True)
class NullPointer:
    """The pointer that was null: where it is gone through, in which statement, and how the frames show it."""

    site: Site
    place: Dereference
    statement: Node
    sources: tuple[Source, ...]
    reason: str

    def at(self, statement: Node) -> "NullPointer":
        """Return the same pointer as another statement goes through it."""
        found = dereferences(self.site.source, own_nodes(statement))
        place = next((each for each in found if each.key == self.place.key), self.place)
        return replace(self, place=place, statement=statement)


def find(crash: Crash, sources: Mapping[str, bytes]) -> NullPointer:
    """
    Find the pointer whose null value a crash shows.

    Raises:
        RefusalError: the crash is no null access, its source is missing or of another build, the pointer is tested
            already, or several pointers could be the null one.
    """
    frames = frames_of(crash)
    parsed = {file: parse(content) for file, content in sources.items()}
    callee: Site | None = None
    for frame in frames:
        site = _site(frame, parsed)
        search = _Search(site=site, sources=tuple(parsed.values()))
        places = search.crashed_here(library_callee(crash, frame)) if callee is None else search.called(callee)
        if places:
            null = search.decide(places, callee)
            check_shown(crash, null.site.frame, null.place.key)
            return null
        callee = site
    raise RefusalError(f"The object of {show(frames[-1].function or '?')} was null, and no frame shows who called it.")


def _site(frame: Frame, parsed: Mapping[str, Source]) -> Site:
    source = parsed.get(frame.file or "")
    if source is None:
        raise RefusalError(
            f"The source of {show(frame.file or '?')} is not at hand: check that it is in the repository."
        )
    return locate(frame, source)


@dataclass(frozen=True, kw_only=True)
class _Search:
    """The search at one frame."""

    site: Site
    sources: tuple[Source, ...]

    def crashed_here(self, library: str | None) -> list[Dereference]:
        """Return what may have been null where the crash is; nothing when the function's own object must have been."""
        values = argument_values(self.site.frame)
        this = values.get(b"this")
        if this is not None and this < NULL_PAGE:
            return []
        found = self.site.dereferences()
        if library is not None:
            found = self._of_library_call(library, found)
        places = [each for each in found if self._is_pointer(each)]
        if library is None:
            places += through_macros(self.site, self.sources, self.site.nodes())
        if all(self._is_used_before(each) for each in places):
            self._check_nothing_tested()
        if not places:
            self._check_own_object(unclear=[each for each in found if each.form != "arrow"], this=this)
        return places

    def _check_nothing_tested(self) -> None:
        """Refuse where the line tests a pointer for what follows: so does the code that this template leaves behind."""
        site = self.site
        for statement in site.statements():
            condition, body = (statement.child_by_field_name(name) for name in ("condition", "consequence"))
            if condition is None or body is None:
                continue
            following = [body, *filter(None, [statement.next_named_sibling if exits(body) else None])]
            for place in dereferences(site.source, (node for each in following for node in walk(each))):
                if implies(site.source, condition, place.key, when=body.end_byte >= place.node.end_byte):
                    raise RefusalError(
                        f"{_names([place])} at {site} is already checked, so a further test would not help."
                    )

    def called(self, callee: Site) -> list[Dereference]:
        """Return the pointers through which this frame called ``callee``; nothing when it did so on its own object."""
        this = argument_values(self.site.frame).get(b"this")
        if this is not None and this < NULL_PAGE:
            return []
        calls = self.site.calls(callee.name)
        places = [place for each in calls if (object_ := _object(each)) and (place := self._base(object_))]
        has_own = this is None and any(self._is_on_own_object(each) for each in calls)
        if places and not has_own:
            return places
        if has_own and not places and "::" in self.site.function:
            return []
        raise RefusalError(
            f"{self.site} does not show through which pointer {show(callee.function)} was called on a null object."
        )

    def _is_on_own_object(self, call: Node) -> bool:
        """Say whether a call is of a method of `this`, or of a member that lies within it."""
        source = self.site.source
        node = _object(call)
        is_within = operator_of(call.child_by_field_name("function") or call) == "."
        while node is not None and node.type == "field_expression" and operator_of(node) == ".":
            node = node.child_by_field_name("argument")
        if node is None or node.type == "this":
            return True
        if node.type == "field_expression":
            base = node.child_by_field_name("argument")
            return is_within and base is not None and base.type == "this"
        is_member = node.type == "identifier" and not is_local(source, source.text(node), node, self.site.scope)
        return is_within and is_member

    def decide(self, places: Sequence[Dereference], callee: Site | None) -> NullPointer:
        """Return the one place that can be the null one."""
        places = self._agreeing_with_arguments(places)
        places = [each for each in places if not is_made_here(self.site, each)] or places
        source, scope = self.site.source, self.site.scope
        if all(self._was_valid(each) for each in places):
            raise RefusalError(f"{_names(places)} was gone through before {self.site} already, so it was not null.")
        if len({each.key for each in places}) > 1:
            places = likeliest(self.site, [each for each in places if not self._is_used_before(each)] or places)
        open_places = [each for each in places if not is_checked(source, each.node, each.key, scope)]
        if not open_places:
            raise RefusalError(f"{_names(places)} at {self.site} is already checked, so a further test would not help.")
        if len({each.key for each in open_places}) > 1:
            raise RefusalError(
                f"Any of {_names(open_places)} at {self.site} could have been null, and nothing decides."
            )
        place = open_places[0]
        if is_given_away(self.site, place):
            raise RefusalError(f"{_names([place])} was emptied before {self.site}, so it is always null there.")
        statement = statement_of(place.node)
        if statement is None:
            raise RefusalError(f"{_names([place])} at {self.site} is not in a statement.")
        event = f"{show(callee.function)} was called" if callee else "the crash went"
        reason = f"It was null when {event} through it at {self.site}"
        return NullPointer(site=self.site, place=place, statement=statement, sources=self.sources, reason=reason)

    def _was_valid(self, place: Dereference) -> bool:
        """Say whether a variable of the function, which no other can change, was read or written through before."""
        source, scope = self.site.source, self.site.scope
        is_variable = place.pointer.type == "identifier" and is_local(source, place.key, place.pointer, scope)
        return is_variable and is_used_before(source, place.node, place.key, scope, by_access=True)

    def _is_used_before(self, place: Dereference) -> bool:
        return is_used_before(self.site.source, place.node, place.key, self.site.scope)

    def _agreeing_with_arguments(self, places: Sequence[Dereference]) -> Sequence[Dereference]:
        """Keep the parameters that the debugger shows as null, else drop those that it shows as something else."""
        values = argument_values(self.site.frame)
        shown = [each for each in places if values.get(each.key) == 0]
        kept = shown or [each for each in places if each.key not in values]
        if not kept:
            raise RefusalError(
                f"{_names(places)} at {self.site} was not null, says the debugger: look for a stale pointer."
            )
        return kept

    def _of_library_call(self, library: str, found: list[Dereference]) -> list[Dereference]:
        """Keep the pointers to the object on which a function of a library ran."""
        name = unqualified(library).encode()
        objects = [each for each in (_object(call) for call in self.site.own_calls(name)) if each is not None]
        if name in (b"operator[]", b"operator="):
            nodes = [each for statement in self.site.statements() for each in own_nodes(statement)]
            kind, side = (
                ("subscript_expression", "argument") if name == b"operator[]" else ("assignment_expression", "left")
            )
            objects = [
                each for node in nodes if node.type == kind and (each := node.child_by_field_name(side)) is not None
            ]
        if objects:
            return [place for each in objects if (place := self._base(each, through_calls=True)) is not None]
        parts = [each for each in library.split("::") if each not in _INLINE_NAMESPACES]
        if name.startswith(b"operator") or (parts[0] == "std" and len(parts) > 2) or is_accessor(library):
            return found
        raise RefusalError(f"The crash is in {show(library)}: which of its arguments was null is not in the source.")

    def _base(self, node: Node, *, through_calls: bool = False) -> Dereference | None:
        """
        Return the pointer to the object that an expression names, or of which it names a member.

        ``through_calls`` takes what a method returns for such a member: containers are handed out by reference.
        """
        source = self.site.source
        parent = node.parent
        if parent is not None and parent.type == "field_expression" and operator_of(parent) == "->":
            return next(dereferences(source, [parent]), None)
        while True:
            node = pointer_of(source, node)
            found = next(dereferences(source, [node]), None)
            if found is not None and (found.form == "arrow" or self._is_pointer(found)):
                return found
            inner = node.child_by_field_name("argument")
            if node.type == "call_expression" and through_calls:
                inner = node.child_by_field_name("function")
            if inner is None or node.type not in ("field_expression", "subscript_expression", "call_expression"):
                return None
            node = inner

    def _is_pointer(self, place: Dereference) -> bool:
        """Say whether a place goes through a pointer that can be tested, not an iterator or a container."""
        form = self._form(place.pointer)
        if place.form != "arrow" or form is not None:
            return form in ("pointer", "smart") or (place.form == "arrow" and form not in ("iterator", "array"))
        source = self.site.source
        member = place.node.child_by_field_name("field")
        if member is not None and source.text(member) in (b"first", b"second"):
            return False
        called = place.pointer.child_by_field_name("function")
        if called is not None:
            return called_name(source, called) not in ITERATOR_CALLS
        name = called_name(source, place.pointer).rstrip(b"0123456789_").lower()
        return name not in _ITERATOR_NAMES and not name.endswith((b"_it", b"itr", b"iter", b"iterator"))

    def _form(self, pointer: Node) -> Form | None:
        source = self.site.source
        name = called_name(source, pointer)
        if pointer.type == "identifier" and is_local(source, name, pointer, self.site.scope):
            return local_form(source, name, pointer, self.site.scope)
        return member_form(self.sources, name) if pointer.type in ("identifier", "field_expression") else None

    def _check_own_object(self, unclear: list[Dereference], this: int | None) -> None:
        """
        Refuse unless the object of the running method is what was null.

        Its line must touch members and nothing else that may be null: no local reference, no `*x` or `x[i]` of a type
        that is not at hand.
        """
        site = self.site
        where = f"{site} goes through no pointer that can be tested"
        if "::" not in site.function or LAMBDA in site.function or this is not None:
            raise RefusalError(f"{where}.")
        if unclear := [each for each in unclear if self._form(each.pointer) is None]:
            raise RefusalError(f"{where}: {_names(unclear)} may be a pointer, but its declaration is not at hand.")
        body = body_of(site.scope)
        nodes = [node for each in site.statements() for node in own_nodes(each)] or list(walk(body)) if body else []
        used = {site.source.text(node): node for node in nodes if node.type in ("identifier", "this")}
        local = {name for name, node in used.items() if is_local(site.source, name, node, site.scope)}
        if references := [name for name in local if is_reference(site.source, name, used[name], site.scope)]:
            raise RefusalError(f"{where}: the object behind the reference {_names_of(references)} may be the null one.")
        if not used.keys() - local:
            raise RefusalError(f"{where}, nor any member.")
        if not site.statements() and any(True for _ in dereferences(site.source, nodes)):
            raise RefusalError(f"{where}, and other lines of the function do.")


def _object(call: Node) -> Node | None:
    """Return the object of a method call: ``x`` of ``x->f()`` and of ``x.f()``; None for a plain call."""
    function = call.child_by_field_name("function")
    is_method = function is not None and function.type == "field_expression"
    return function.child_by_field_name("argument") if function is not None and is_method else None


def _names(places: Iterable[Dereference]) -> str:
    return _names_of(each.key for each in places)


def _names_of(keys: Iterable[bytes]) -> str:
    return " and ".join(f"`{show(key)}`" for key in dict.fromkeys(keys))
