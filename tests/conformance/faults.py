"""
Faults of the labels, each of which a stranger can check in the texts; the rules stay straight, both figures are shown.

Most labels were set by another tool, some were inferred from discussions. A label that is right but asks for what the
text does not hold (a stripped program, a stack that was cut off) is no fault: such a text counts as not right.
"""

from tasks.core.names import normalise
from tests.conformance.corpus import LabelledText

READING = {
    "clusterfuzz/address_in_state": "GetHandleVerifier is the nearest export, 22 MB away, and no symbol",
    "clusterfuzz/ignore_sanitizer": "GetHandleVerifier is the nearest export, 200 KB away, and no symbol",
    "gnome-parse-stacktrace/gnome-bug-580218": "names a thread that waits; another one holds the signal handler",
    "mod-playerbots/mod-playerbots#1105_1": "the text has no header, so it states no exception",
}
"""Text -> what is wrong with the functions or the kind of its label."""

_CHECK = "std::string_view(content::indexed_db::EncodeSortableIDBKey(key)) == input"

OWN_GROUPS = {
    "clusterfuzz/address_in_state": READING["clusterfuzz/address_in_state"],
    "clusterfuzz/ignore_sanitizer": READING["clusterfuzz/ignore_sanitizer"],
    "clusterfuzz/v8_generic_segfault": "the group is the fuzz target's name, which stands in no text",
    "clusterfuzz/v8_process_oom_with_asan_abrt": "the group is the fuzz target's name, which stands in no text",
}
"""Text -> why it can't be of one group with others."""

SAME_GROUPS = {
    "xlnt:checked.h:216": (
        "xlnt:checked.h:224",
        "told apart by the line alone: one function throws, called by the same functions, and a place is a function",
    ),
    f"cf:{_CHECK} in ind\nInvokeCallback\n~Cleanup\n": (
        f"cf:{_CHECK} (0wwwy\nInvokeCallback\n~Cleanup\n",
        "one failed check of one run, the same to the microsecond; its message was cut at two places",
    ),
}
"""Group -> the group that it is, and why."""

GROUPS_OF_CAUSES = frozenset({"trinity:mod-playerbots/mod-playerbots#1105_1", "trinity:ike3/mangosbot#25_1"})
"""Groups that people made by cause, of crashes in several functions. A defect is one place: one fix goes there."""


def mended_group(text: LabelledText) -> str | None:
    """Return the group of a text without the faults of its label."""
    if text.id in OWN_GROUPS:
        return f"own:{text.id}"
    if text.group in GROUPS_OF_CAUSES:
        return f"{text.group} in {crashing_function(text)}"
    return SAME_GROUPS[text.group][0] if text.group in SAME_GROUPS else text.group


def reason_of_group(text: LabelledText) -> str | None:
    """Return what is wrong with the group of a text; None where nothing is."""
    if text.group in GROUPS_OF_CAUSES:
        return f"one cause, as people discussed, at several places: {crashing_function(text)} here"
    same = [reason for group, (other, reason) in SAME_GROUPS.items() if text.group in {group, other}]
    return OWN_GROUPS.get(text.id) or (same[0] if same else None)


def crashing_function(text: LabelledText) -> str:
    """Return the function that the label itself calls the crashing one, without its template's arguments."""
    return normalise((text.below or text.functions)[0])
