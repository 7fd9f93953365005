"""
The template `debug-logging`: write down in what state a function gives up, for who has to find out why.

Some defects of the core have no safe repair from outside, such as a tree that is rebuilt while others read it. Then the
exception alone says too little, and the next crash tells more if the values at hand are logged before the throw, or
before the call from which the exception came. That is a diagnosis: the program crashes as before.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import re2
from tree_sitter import Node

from tasks.core.crash import Crash
from tasks.core.edits import SourceEdit
from tasks.core.errors import RefusalError
from tasks.core.fixes import syntax
from tasks.core.fixes.calls import function_around, function_name, moved_sites, sites
from tasks.core.fixes.contract import FromFrames, Proposal
from tasks.core.fixes.declared import declared_type
from tasks.core.fixes.expressions import called_name, declared_name
from tasks.core.fixes.guarding import Writer
from tasks.core.fixes.guards import conditions, earlier_statements
from tasks.core.fixes.log_calls import LogStyle, include_after, style_of
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import BLOCKS, Source, ancestors, is_broken, own_rows, statement_of, statements, walk
from tasks.core.hierarchy import Level
from tasks.core.names import normalise, unqualified

MAX_VALUES = 8
_MAX_WORDS = 80
_RUNTIME = ("__cxa_", "std::", "abort", "raise", "_Unwind", "Trinity::Assert")
_DECLARING = ("declaration", "parameter_declaration", "optional_parameter_declaration")
_OF_LOG = re2.compile(rb"(?:\w+::)*(?:Log[A-Z]?\w*|\w*Logger|\w*Appender)::")


@dataclass(frozen=True, kw_only=True)
class _Throw:
    """The statement that gives up, and where it stands; with ``callee`` it calls a function out of which it came."""

    site: Site
    statement: Node
    callee: bytes = b""

    @property
    def function(self) -> Node:
        """The function around, whatever lambdas lie between."""
        return function_around(self.statement) or self.site.scope

    @property
    def words(self) -> bytes:
        """What the exception says, where that is one plain text, or what is called; empty otherwise."""
        if self.callee:
            return b"calls " + self.callee
        found = [each for each in walk(self.statement) if each.type == "string_literal"]
        text = self.site.source.text(found[0])[1:-1] if len(found) == 1 else b""
        is_plain = text.isascii() and not any(sign in text for sign in b'"\\{}%\n') and len(text) <= _MAX_WORDS
        return text if is_plain else b""

    def __str__(self) -> str:
        path = show(self.site.frame.file or "").rpartition("/")[2]
        return f"{path}:{self.statement.start_point.row + 1}"


class DebugLogging(FromFrames):
    """Log the values at hand before an exception that ended the program."""

    slug = "debug-logging"
    version = 4
    summary = "adds diagnosis, does not fix: logs the values at hand before the throw that ended the program"
    level: Level = "core"

    def propose(self, crash: Crash, sources: Mapping[str, bytes]) -> Proposal:
        """
        Propose one line of log before the throw.

        Raises:
            RefusalError: no frame stands at a throw, it is logged already, or there is nothing to log or no way to.
        """
        if crash.exception.kind in ("access_violation", "deadlock", "assertion"):
            raise RefusalError("The program did not end by an exception, so there is no throw to log before.")
        parsed = {path: syntax.parse(content) for path, content in sources.items()}
        thrown = _find(crash, parsed)
        source = thrown.site.source
        if is_broken(thrown.statement, thrown.site.scope):
            raise RefusalError(f"The parser does not understand {thrown}, perhaps for a macro.")
        if _is_logged(thrown):
            raise RefusalError(f"The throw at {thrown} is logged already.")
        if _is_no_place_for_logs(thrown):
            raise RefusalError(
                f"The function of {thrown} is a part of the log, or handles a signal: it can't write one."
            )
        if "constexpr" in [each.text.decode() for each in thrown.function.children if each.text]:
            raise RefusalError(f"The function of {thrown} is constexpr and can't write a log.")
        style = style_of(source, [each for each in parsed.values() if each is not source])
        values = list(_values(thrown, style, _names(thrown)) or _values(thrown, style, _variables(thrown)))[:MAX_VALUES]
        if not values and not thrown.callee:
            raise RefusalError(f"No plain number is at hand at {thrown}, so a line of log would say nothing new.")
        what = f"call of `{show(thrown.callee)}`, out of which the exception came," if thrown.callee else "throw"
        told = ", ".join(f"`{show(name)}`" for name, _ in values) or "that it comes"
        return Proposal(
            edits=tuple(_edits(thrown, style, values)),
            explanation=f"Logs {told} before the {what} at {thrown}."
            " It adds diagnosis and does not fix: the program ends as before, and the log shows in which state.",
            is_repair=False,
        )


def _find(crash: Crash, parsed: Mapping[str, Source]) -> _Throw:
    """Return the throw at which a frame stands, else the one of its function that says what the exception says."""
    places = sites(crash, parsed)
    for site in places:
        on_line = [each for each in _throws(site) if _is_at(each, site)]
        if len(on_line) == 1:
            return _Throw(site=site, statement=on_line[0])
    message = (crash.exception.message or "").encode()
    for site in [*moved_sites(crash, parsed), *places]:
        found = [_Throw(site=site, statement=each) for each in _throws(site)]
        said = [each for each in found if each.words and each.words in message]
        if len(said) == 1:
            return said[0]
    if crash.exception.message and (call := _call_out(crash, parsed)):
        return call
    raise RefusalError("No frame with source of ours stands at a throw, and the exception's words point to none.")


def _call_out(crash: Crash, parsed: Mapping[str, Source]) -> _Throw | None:
    """Return the call from our innermost frame to a function whose file is not at hand, where the exception came."""
    frames = crash.frames
    place = next((number for number, frame in enumerate(frames) if frame.file in parsed), 0)
    above = frames[place - 1] if place else None
    site = next((each for each in sites(crash, parsed) if each.frame == frames[place]), None)
    if above is None or site is None or not above.function or not above.file or above.function.startswith(_RUNTIME):
        return None
    name = unqualified(normalise(above.function)).encode()
    called = site.own_calls(name) or [each for each in site.nodes() if each.type == "call_expression"][:1]
    statement = statement_of(called[0]) if called else None
    function = called[0].child_by_field_name("function") if called else None
    if statement is None or function is None or statement.parent is None or statement.parent.type not in BLOCKS:
        return None
    return _Throw(site=site, statement=statement, callee=called_name(site.source, function))


def _throws(site: Site) -> Iterator[Node]:
    """Yield the throws of something new; one that passes an exception on was told of where it began."""
    return (each for each in statements(site.scope) if each.type == "throw_statement" and each.named_children)


def _is_at(statement: Node, site: Site) -> bool:
    if site.row in own_rows(statement):
        return True
    # Some reports give the line of the condition that the throw is all of.
    around = next(ancestors(statement), None)
    around = around.parent if around is not None and around.named_children == [statement] else around
    return (
        around is not None
        and around.type == "if_statement"
        and around.child_by_field_name("alternative") is None
        and site.row in own_rows(around)
    )


def _is_no_place_for_logs(thrown: _Throw) -> bool:
    """Say whether the log itself runs the throw, or a handler of a signal: both must not write one."""
    source = thrown.site.source
    name = function_name(source, thrown.function)
    plain = re2.escape(name.rpartition(b"::")[2].decode("utf-8", "replace")).encode()
    handled = re2.search(
        rb"\bsignal\s*\([^;]*\b%b\b|sa_(?:handler|sigaction)\s*=\s*&?%b\b" % (plain, plain), source.compiled
    )
    return _OF_LOG.match(name) is not None or (bool(plain) and plain.isascii() and handled is not None)


def _is_logged(thrown: _Throw) -> bool:
    """Say whether the statement before the throw, in its block, writes a log."""
    before = thrown.statement.prev_named_sibling
    while before is not None and before.type == "comment":
        before = before.prev_named_sibling
    calls = [each for each in walk(before) if each.type == "call_expression"] if before is not None else []
    named = [each.child_by_field_name("function") for each in calls]
    source = thrown.site.source
    return any(each is not None and b"log" in called_name(source, each).lower() for each in named)


def _values(thrown: _Throw, style: LogStyle, names: Iterable[bytes]) -> list[tuple[bytes, bytes]]:
    """Return those of the names that are numbers with a value, each with its place in the text."""
    found = []
    for name in dict.fromkeys(names):
        kind = declared_type(thrown.site.source, name, thrown.statement, thrown.function)
        placeholder = style.placeholder(kind) if kind is not None else None
        if placeholder is not None and _has_value(thrown, name):
            found.append((name, placeholder))
    return found


def _names(thrown: _Throw) -> Iterator[bytes]:
    """Yield the names that a person would ask for: those of the conditions, then the parameters."""
    source = thrown.site.source
    asked = [condition for condition, _ in conditions(thrown.statement, thrown.function)]
    for condition in asked:
        # What a lambda declares is known in it alone.
        asking = walk(condition, lambda node: node.type != "lambda_expression")
        yield from (source.text(each) for each in asking if each.type == "identifier")
    for each in (each for scope in (*_lambdas(thrown), thrown.function) for each in _parameters(scope)):
        named = each.child_by_field_name("declarator")
        name = declared_name(named) if named is not None else None
        if name is not None:
            yield source.text(name)


def _variables(thrown: _Throw) -> Iterator[bytes]:
    """Yield the variables that the function declared on every way to the throw."""
    for each in earlier_statements(thrown.statement, thrown.function):
        for declarator in each.children_by_field_name("declarator") if each.type == "declaration" else ():
            named = declared_name(declarator)
            if named is not None:
                yield thrown.site.source.text(named)


def _parameters(function: Node) -> list[Node]:
    """Return the parameters of a function or lambda itself, not those of functions that are among them."""
    node = function.child_by_field_name("declarator")
    while node is not None and node.type not in ("function_declarator", "abstract_function_declarator"):
        node = node.child_by_field_name("declarator") or next(
            (each for each in node.named_children if each.type.endswith("declarator")), None
        )
    listed = node.child_by_field_name("parameters") if node is not None else None
    kinds = ("parameter_declaration", "optional_parameter_declaration")
    return [each for each in listed.named_children if each.type in kinds] if listed is not None else []


def _has_value(thrown: _Throw, name: bytes) -> bool:
    """
    Say whether a name is a parameter, or a variable that got a value where it was declared.

    A name that the function declares twice may be the other one, and a lambda knows only what it captures. An array,
    a function, and what is volatile are no values that a log takes, whatever the type before their name is.
    """
    source = thrown.site.source
    declared = []
    for each in walk(thrown.function):
        if each.type == "identifier" and source.text(each) == name and each.parent is not None:
            around = [each.parent, *ancestors(each.parent, thrown.function)]
            first = next((node for node in around if not node.type.endswith("_declarator")), None)
            is_named = each.parent.child_by_field_name("value") != each
            if first is not None and first.type in _DECLARING and is_named:
                is_set = "init_declarator" in [node.type for node in around] or first.type != "declaration"
                declared.append(is_set and _is_plain(source, first, each) and _is_at_hand(thrown, name, first))
    return declared == [True]


def _is_plain(source: Source, declaration: Node, name: Node) -> bool:
    """Say whether a declaration gives its name a value of the very type that it spells, or a reference to one."""
    shapes = {each.type for each in ancestors(name, declaration) if each.type.endswith("_declarator")}
    qualifiers = {source.text(each) for each in declaration.children if each.type == "type_qualifier"}
    return shapes <= {"init_declarator", "reference_declarator"} and qualifiers <= {b"const", b"constexpr"}


def _lambdas(thrown: _Throw) -> list[Node]:
    """Return the lambdas around the throw, from the inside."""
    return [each for each in ancestors(thrown.statement, thrown.function) if each.type == "lambda_expression"]


def _is_at_hand(thrown: _Throw, name: bytes, declaration: Node) -> bool:
    """Say whether the lambdas around the throw know a variable: they declare it, or capture it as it is."""
    source = thrown.site.source
    for each in _lambdas(thrown):
        if each.start_byte <= declaration.start_byte and declaration.end_byte <= each.end_byte:
            return True
        captured = each.child_by_field_name("captures")
        if captured is None:
            return False
        parts = [part for part in captured.children if part.type not in ("[", "]", ",")]
        is_renamed = any(
            part.type == "lambda_capture_initializer" and source.text(part).lstrip(b"& ").startswith(name)
            for part in parts
        )
        texts = {source.text(part).strip().lstrip(b"&") for part in parts if part.type != "lambda_capture_initializer"}
        is_all = any(part.type == "lambda_default_capture" for part in parts)
        if is_renamed or not (is_all or name in texts):
            return False
    return True


def _edits(thrown: _Throw, style: LogStyle, values: list[tuple[bytes, bytes]]) -> list[SourceEdit]:
    source, writer = thrown.site.source, Writer.at(thrown.site)
    told = b", ".join(name + b" " + placeholder for name, placeholder in values)
    parts = [function_name(source, thrown.function), thrown.words, told]
    text = b": ".join(each for each in parts if each)
    line = style.call(text, [name for name, _ in values], is_error=not thrown.callee)
    edits = [writer.insert_before(thrown.statement, line)]
    if style.needs_header:
        end, include = include_after(source)
        start = source.line_start(end)
        old = source.content[start:end]
        path = thrown.site.frame.file or ""
        edits.append(SourceEdit(path=path, old=old, new=old + source.newline + include, offset=start))
    return edits
