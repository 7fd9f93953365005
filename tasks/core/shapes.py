"""
Shapes in a patch at which a reviewer should look twice: a crash that they hide is no crash that is repaired.

They are found in the syntax trees of a file before and after the patch, so that comments and strings prove nothing and
code that only moved is not told. Sources: what reviewers of automatic fixes ask for, how the first fixes went wrong.
"""

import re
from collections import Counter
from collections.abc import Iterator

from tree_sitter import Node

from tasks.core.fixes import syntax
from tasks.core.fixes.syntax import Source

CATCH_ALL = "catches every exception, which can hide a crash and never stops an access violation"
CAPTURE = "captures a pointer, a reference or all of its surroundings in a call that runs later, when they may be gone"
RETURN = "returns before code that then never runs"
ASSERTION = "removes or changes an assertion"
DISABLED = "switches code off by the preprocessor"
WARNING = "switches a warning off"
HANDLER = "changes how the server answers a signal or an exception of the system"
WAITING = "waits for a time, which hides a race and does not end it"
EXIT = "ends the whole server"
CAST = "casts const away, or takes memory for another type"

_TYPES = (
    "catch_clause",
    "lambda_expression",
    "return_statement",
    "preproc_if",
    "preproc_call",
    "comment",
    "call_expression",
    "seh_try_statement",
)
_LATER = re.compile(rb"(?i)event|schedul|queue|post|async|defer|callback|task|thread|then|later|timer")
_ASSERTION = re.compile(rb"(?:WP)?ASSERT\w*|assert|WPFatal|ABORT\w*")
_CALLS = (
    (HANDLER, re.compile(rb"(?:std::|::)?(?:signal|sigaction|SetUnhandledExceptionFilter|_set_se_translator)")),
    (WAITING, re.compile(rb"(?:.*(?:::|\.))?sleep_(?:for|until)|(?:::)?(?:Sleep|usleep|nanosleep|sleep)")),
    (EXIT, re.compile(rb"(?:std::|::)?(?:exit|_exit|_Exit|quick_exit|abort|terminate|ExitProcess|TerminateProcess)")),
    (CAST, re.compile(rb"(?:const_cast|reinterpret_cast)<.*>", re.DOTALL)),
)
_PRAGMA = re.compile(rb"diagnostic\s+ignored|warning\s*\(\s*disable")


def suspicious(before: bytes, after: bytes) -> tuple[str, ...]:
    """Return what a change of a C++ file brings in, or takes out, that should be looked at twice; each once, sorted."""
    old, new = syntax.parse(before), syntax.parse(after)
    start, end = _unchanged(before, after)
    gone = _found(old, (start, len(before) - end))
    come = _found(new, (start, len(after) - end))
    added, removed = come - gone, gone - come
    found = {shape for shape, _ in added if shape != ASSERTION} | {shape for shape, _ in removed if shape == ASSERTION}
    return tuple(sorted(found))


def _unchanged(before: bytes, after: bytes) -> tuple[int, int]:
    """Return how many bytes at the start and at the end two files share, in whole lines."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    limit = min(len(old), len(new))
    head = next((place for place in range(limit) if old[place] != new[place]), limit)
    tail = next((place for place in range(limit - head) if old[-1 - place] != new[-1 - place]), limit - head)
    return sum(map(len, old[:head])), sum(map(len, old[len(old) - tail :]))


def _found(source: Source, span: tuple[int, int]) -> Counter[tuple[str, bytes]]:
    if span[0] >= span[1]:
        return Counter()
    nodes = syntax.of_type(source.root, *_TYPES, span=span)
    return Counter((shape, b" ".join(text.split())) for node in nodes for shape, text in _shapes(source, node))


def _shapes(source: Source, node: Node) -> Iterator[tuple[str, bytes]]:
    text = source.text(node)
    if node.type == "catch_clause":
        parameters = node.child_by_field_name("parameters")
        if parameters is not None and source.text(parameters).strip(b"() \t\r\n") == b"...":
            yield CATCH_ALL, b"..."
    elif node.type == "lambda_expression":
        yield from _captures(source, node)
    elif node.type == "return_statement" and _leaves_code_behind(node):
        yield RETURN, text
    elif node.type == "preproc_if":
        condition = node.child_by_field_name("condition")
        if condition is not None and source.text(condition).strip() in (b"0", b"false"):
            yield DISABLED, b"0"
    elif (node.type == "preproc_call" and _PRAGMA.search(text)) or (node.type == "comment" and b"NOLINT" in text):
        yield WARNING, text
    elif node.type == "seh_try_statement":
        yield HANDLER, b"__try"
    elif node.type == "call_expression":
        yield from _call(source, node)


def _call(source: Source, node: Node) -> Iterator[tuple[str, bytes]]:
    function = node.child_by_field_name("function")
    if function is None:
        return
    name = source.text(function)
    if _ASSERTION.fullmatch(name):
        yield ASSERTION, source.text(node)
    for shape, expression in _CALLS:
        if expression.fullmatch(name):
            yield shape, source.text(node)


def _captures(source: Source, node: Node) -> Iterator[tuple[str, bytes]]:
    """Yield the captures of a lambda that outlives its function, where what they hold can be gone by then."""
    captures = node.child_by_field_name("captures")
    if captures is None or not _runs_later(source, node):
        return
    function = next((each for each in syntax.ancestors(node) if each.type == "function_definition"), None)
    around = source.text(function) if function is not None else b""
    words = [source.text(capture) for capture in captures.named_children] or [source.text(captures).strip(b"[] ")]
    for word in words:
        name = word.strip()
        is_pointer = re.fullmatch(rb"\w+", name) and re.search(rb"\*\s*(?:const\s+)?" + name + rb"\b", around)
        if name[:1] in (b"&", b"=") or name in (b"this", b"*this") or is_pointer:
            yield CAPTURE, source.text(captures)
            return


def _runs_later(source: Source, node: Node) -> bool:
    call = next((each for each in syntax.ancestors(node) if each.type == "call_expression"), None)
    function = call.child_by_field_name("function") if call is not None else None
    return function is not None and _LATER.search(source.text(function)) is not None


def _leaves_code_behind(node: Node) -> bool:
    """Say whether a return stands among the statements of its function's body, under no condition, before others."""
    body = node.parent
    if body is None or body.type != "compound_statement" or body.parent is None:
        return False
    following = node.next_named_sibling
    while following is not None and following.type == "comment":
        following = following.next_named_sibling
    is_reached = following is not None and following.type not in ("labeled_statement", "case_statement")
    return body.parent.type in ("function_definition", "lambda_expression") and is_reached
