"""Which code of a file runs on a thread of its own: what a lambda does that a pool or a thread is given."""

from collections.abc import Iterator

import re2
from tree_sitter import Node

from tasks.core.fixes.calls import function_around, function_name, own_calls
from tasks.core.fixes.syntax import Source, ancestors

WORKERS = re2.compile(rb"(?i)pool|thread|worker|executor|async")
"""What runs a function beside the updates, and not in them."""


def takers(source: Source, node: Node) -> Iterator[bytes]:
    """Yield what takes the lambdas around: functions that are called, types and variables that are made."""
    for each in ancestors(node):
        around = each.parent if each.type == "lambda_expression" else None
        taker = around.parent if around is not None and around.type in ("argument_list", "initializer_list") else None
        if around is None or taker is None:
            continue
        if taker.type == "init_declarator" and taker.parent is not None:
            yield source.text(taker.parent)[: each.start_byte - taker.parent.start_byte]
        else:
            yield source.text(taker)[: around.start_byte - taker.start_byte]


def worker_of(source: Source, node: Node) -> bytes | None:
    """Return what runs a place beside the updates: a taker of the lambda around, or of one that calls its function."""
    if (found := next((text for text in takers(source, node) if WORKERS.search(text)), None)) is not None:
        return found
    function = function_around(node)
    name = function_name(source, function).rpartition(b"::")[2] if function is not None else b""
    for call in own_calls(source, source.root) if name else ():
        if call.name == name:
            for text in takers(source, call.node):
                if WORKERS.search(text):
                    return text
    return None
