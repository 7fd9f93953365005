"""
Hypotheses for memory errors: null pointers, freed and overwritten memory, what sanitizers and the heap found.

The fill bytes are those of the debug heaps of Microsoft, glibc, the BSDs and the sanitizers; an address made of them
was read from memory that is freed or was never set.
"""

from dataclasses import dataclass

import re2

from tasks.core.crash import CrashException
from tasks.core.names import normalise
from tasks.core.scene import Explanation, Scene, place_of

_FILLS = {
    0xDD: "freed memory of the debug heap",
    0xFE: "freed memory of the system's heap",
    0xCD: "memory of the debug heap that was never set",
    0xCC: "a local variable that was never set",
    0xFD: "the guard behind a block of the debug heap",
    0xBE: "memory of a sanitizer that was never set",
    0x5A: "freed memory",
    0xA5: "memory that was never set",
    0xAA: "memory that was never set",
    0xE5: "freed memory",
    0xEF: "freed memory",
}
_FILL_WORDS = {0xFEEEFEEE: _FILLS[0xFE], 0xBAADF00D: "heap memory that was never set", 0xDEADBEEF: "freed memory"}
_NULL_ARGUMENT = re2.compile(r"(?:^|[,(]\s*)(\w{1,64})(?:@entry)?=(?:\([^()=]{1,80}\) )?0x0+(?:,|\)|$)")
_CONTAINER = re2.compile(
    r"^std::(?:__\w+::|_\w+::)*(_?(?:map|set|multimap|multiset|unordered_map|unordered_set|vector|deque|list|_?Rb_tree|_?Hash\w*"
    r"|_?Tree\w*|_?List\w*|_?Vector\w*|basic_string|shared_ptr|__shared_\w+|_Ref_count\w*|unique_ptr|function|atomic\w*))"
)
_LOWEST_KERNEL = 0xFFFF800000000000
_HIGHEST_USER = 0x00007FFFFFFFFFFF
_NEARLY_NULL = 0x1000000
_SHORT = 0x100000000
_TOOL = (
    "Run the same steps on a build with -fsanitize=address, because it names the line that freed or overran the memory."
)


@dataclass(frozen=True, kw_only=True)
class _Pointer:
    """What the faulting address says: the category, the words for it, and why."""

    category: str
    words: str
    reason: str


def access_violation(scene: Scene) -> Explanation:
    """Explain an access to memory that is not there."""
    pointer = _pointer(scene)
    inside = _container(scene)
    if inside:
        return _broken_container(scene, pointer, inside)
    if pointer.category == "null pointer":
        return _null_pointer(scene, pointer)
    if scene.crash.exception.address is None:
        return _unstated(scene, pointer)
    return Explanation(
        category=pointer.category,
        hypothesis=f"{scene.place} {_verb(scene.crash.exception)} {pointer.words}.",
        suggestions=(
            (
                f"Check the life of the object that {scene.name} works on: who deletes it, and whether"
                f" {scene.called_by('its caller')} still holds it, because the pointer was not null and yet not valid."
            ),
            _TOOL,
        ),
        reason=pointer.reason,
    )


def _unstated(scene: Scene, pointer: _Pointer) -> Explanation:
    owner = f"the {scene.owner} that {scene.name} was called on" if scene.owner else f"what {scene.name} works on"
    return Explanation(
        category=pointer.category,
        hypothesis=f"{scene.place} {_verb(scene.crash.exception)} {pointer.words}. Probably {owner}, or an object that"
        " it holds, was null or freed already.",
        suggestions=(
            (
                f"Check whether {owner} can be null or deleted, and whether {scene.called_by('its caller')} still"
                " holds it, because the report leaves both open."
            ),
            (
                "Keep a minidump or core beside the text next time, because it states the address that tells null from"
                " freed."
            ),
            _TOOL,
        ),
        reason=pointer.reason,
    )


def sanitizer(scene: Scene) -> Explanation:
    """Explain what a sanitizer found, with the stacks of the free and the allocation where the report has them."""
    code = scene.crash.exception.code or "a memory error"
    category = next((name for word, name in _FOUND if word in code.casefold()), "memory error")
    verb = {"read": " by a read", "write": " by a write"}.get(scene.crash.exception.access or "", "")
    story = "".join(f" It was {words} {place}." for words, place in _history(scene))
    message = scene.message
    detail = f" ({message})" if message and category in {"undefined behaviour", "memory error"} else ""
    return Explanation(
        category=category,
        hypothesis=f"The sanitizer found {code}{verb} in {scene.place}{detail}.{story}",
        suggestions=(_advice(category, scene),),
        reason=f"the sanitizer calls it {code}",
    )


def abort(scene: Scene) -> Explanation:
    """Explain a process that ended itself; the C library says why where its heap or stack was found broken."""
    message = scene.message or ""
    folded = message.casefold()
    code = scene.crash.exception.code
    if any(word in folded for word in _HEAP_WORDS) or code == "C0000374":
        said = f": {message}" if message and folded != "heap corruption" else ""
        return Explanation(
            category="heap corruption",
            hypothesis=f"The heap was found broken in {scene.place}{said}. Memory was freed twice or overrun before,"
            " maybe elsewhere.",
            suggestions=(
                _TOOL,
                f"Look for a second delete of what {scene.name} frees, because it only noticed the damage.",
            ),
            reason="the heap's own checks ended the process",
        )
    if "stack smashing" in folded or "buffer overflow detected" in folded:
        return Explanation(
            category="buffer overflow",
            hypothesis=f"A local buffer of {scene.place} was overrun ({message}).",
            suggestions=(
                f"Check the sizes of what is copied into the arrays of {scene.name}, because one was too small.",
            ),
            reason="the compiler's guard ended the process",
        )
    for words, meaning, advice in _LAST_WORDS:
        if words in folded:
            return Explanation(
                category="abort",
                hypothesis=f"{scene.place} ended the process: {message}. {meaning}",
                suggestions=(advice,),
                reason="the runtime library ended the process",
            )
    return Explanation(
        category="abort",
        hypothesis=f"{scene.place} ended the process on purpose (abort){': ' + message if message else ''}.",
        suggestions=(
            (
                f"Read the condition before the abort in {scene.name} and the log's last lines, because the program"
                " decided to"
                " end here."
            ),
        ),
        reason="the program called abort",
    )


_HEAP_WORDS = (
    "double free", "invalid pointer", "corrupted", "invalid next size", "invalid size", "free(): ", "munmap_chunk",
    "malloc(): ", "realloc(): ", "heap corruption", "invalid chunk", "incorrect checksum", "pointer being freed",
)  # fmt: skip
_LAST_WORDS = (
    (
        "pure virtual",
        "A virtual function was called on an object whose constructor had not ended or whose destructor had begun.",
        (
            "Do not hand out `this` from a constructor, and unregister objects before their destructor, because a"
            " call then"
            " meets the base class."
        ),
    ),
    (
        "without an active exception",
        "A std::thread was destroyed while it could still be joined, or terminate was called directly.",
        "Join or detach every std::thread before it is destroyed, because its destructor ends the process otherwise.",
    ),
)
_FOUND = (
    ("use-after-free", "use after free"),
    ("use-after", "use after free"),
    ("deallocated", "use after free"),
    ("double-free", "double free"),
    ("bad-free", "invalid free"),
    ("alloc-dealloc-mismatch", "invalid free"),
    ("integer-overflow", "undefined behaviour"),
    ("pointer-overflow", "undefined behaviour"),
    ("misaligned", "undefined behaviour"),
    ("mismatch", "undefined behaviour"),
    ("vla", "undefined behaviour"),
    ("division", "undefined behaviour"),
    ("overflow", "buffer overflow"),
    ("underflow", "buffer overflow"),
    ("out-of-bounds", "buffer overflow"),
    ("index-out", "buffer overflow"),
    ("uninitialized", "uninitialised memory"),
    ("leak", "memory leak"),
    ("data-race", "data race"),
    ("race", "data race"),
    ("lock-order", "deadlock"),
    ("null-pointer", "null pointer"),
    ("undefined", "undefined behaviour"),
    ("shift", "undefined behaviour"),
    ("bad-type", "undefined behaviour"),
    ("vptr", "undefined behaviour"),
)
_ADVICE = {
    "use after free": "Make the owner of the object outlive {name}, or drop the pointer where the object is freed,"
    " because"
    " {name} used it after its end.",
    "double free": "Give the memory one owner (std::unique_ptr), because {name} freed what was free already.",
    "invalid free": "Free memory only by the counterpart of what allocated it, because {name} did not.",
    "buffer overflow": "Check index and size before the access in {name}, because it left its block.",
    "uninitialised memory": "Give the value that {name} reads an initial value where it is declared.",
    "memory leak": "Free what {name} allocates, or give it an owner, because nothing points to it any more.",
    "data race": "Guard what {name} and the other thread touch by one lock, or give it to one thread, because both"
    " used it"
    " at once.",
    "deadlock": "Give the locks that {name} takes one order, because two orders wait for each other for ever.",
}


def _null_pointer(scene: Scene, pointer: _Pointer) -> Explanation:
    caller = scene.caller
    first = (
        f"Check in {place_of(caller)} that the object exists before {scene.name} is called, because the null came"
        " from there."
        if caller
        else f"Check the pointer that {scene.name} uses before its use, because it can be null here."
    )
    called = f", called by {place_of(caller)}," if caller else ""
    return Explanation(
        category="null pointer",
        hypothesis=f"{scene.place}{called} {_verb(scene.crash.exception)} {pointer.words}: the object was never set, or"
        " was already gone.",
        suggestions=(
            first,
            (
                "Find who clears the pointer or never sets it, because a check alone hides an object that ought to be"
                " there."
            ),
        ),
        reason=pointer.reason,
    )


def _broken_container(scene: Scene, pointer: _Pointer, inside: str) -> Explanation:
    user = scene.place if scene.name != inside else "code that the stack does not name"
    owner = scene.name if scene.name != inside else "the calling code"
    return Explanation(
        category=pointer.category,
        hypothesis=f"The fault lies inside {inside}, used by {user}: it {_verb(scene.crash.exception)}"
        f" {pointer.words}. The string or container itself was not valid: its owner is null or freed, or another"
        " thread changed it.",
        suggestions=(
            (
                f"Check that the object which owns it exists in {owner}, because library code fails here only"
                " when its object is broken."
            ),
            (
                "Guard it by the lock that its writers hold, or hand the work to the thread that owns it, because"
                " reading while another thread writes looks the same."
            ),
        ),
        reason=pointer.reason,
    )


def _pointer(scene: Scene) -> _Pointer:
    exception = scene.crash.exception
    address = exception.address
    argument = _null_argument(scene)
    if exception.is_null_access:
        return _null(address or 0, argument, is_call=exception.access == "execute")
    if address is None:
        if argument:
            words = f"a null pointer ({argument} is 0x0)"
            return _Pointer(category="null pointer", words=words, reason=f"the stack shows {argument}=0x0")
        words = "memory that is not there; the report does not say which address"
        return _Pointer(category="invalid pointer", words=words, reason="the report states no address")
    return _invalid(address)


def _null(address: int, argument: str | None, *, is_call: bool) -> _Pointer:
    words = f"memory at 0x{address:x}, through a null pointer"
    if is_call:
        words += " to a function, as in an empty callback or the table of an object that is gone"
    elif address:
        words += f" to a member or element at offset 0x{address:x}"
    if argument:
        words += f" ({argument} is 0x0)"
    return _Pointer(category="null pointer", words=words, reason=f"the address 0x{address:x} lies in the null page")


def _invalid(address: int) -> _Pointer:
    shown = f"0x{address:x}"
    fill = _fill(address)
    if fill:
        kind = (
            "freed memory" if "freed" in fill else "uninitialised memory" if "never set" in fill else "invalid pointer"
        )
        words = f"{shown}, a pointer that was itself read from {fill}"
        return _Pointer(category=kind, words=words, reason=f"{shown} is the fill pattern of {fill}")
    if address < _NEARLY_NULL:
        words = f"{shown}, so near to null that a number or a large index stood where a pointer belongs"
        return _Pointer(category="invalid pointer", words=words, reason=f"{shown} is near to null")
    if 0xFFFF0000 <= address < _SHORT or address >= 2**64 - 0x10000:
        words = f"{shown}, just below null: a null pointer minus an offset, or -1 taken for a pointer"
        return _Pointer(category="invalid pointer", words=words, reason=f"{shown} is a small negative number")
    if _HIGHEST_USER < address < _LOWEST_KERNEL:
        words = f"{shown}, which no process can have: the pointer was overwritten or read from foreign memory"
        return _Pointer(category="overwritten pointer", words=words, reason=f"{shown} is not canonical")
    words = f"{shown}, where nothing is mapped: the object was freed, or an index or size went astray"
    return _Pointer(category="invalid pointer", words=words, reason=f"{shown} is not null and not mapped")


def _fill(address: int) -> str | None:
    """Name what an address is made of; small members behind such a pointer change its lowest bytes only."""
    for width in (8, 4):
        if address >= 1 << (8 * width) or address < 1 << (8 * width - 8):
            continue
        octets = address.to_bytes(width, "big")
        top = octets[: width - 2]
        if len(set(top)) == 1 and top[0] in _FILLS and width - 2 >= 2:
            return _FILLS[top[0]]
        word = int.from_bytes(octets[:4], "big")
        found = next((name for fill, name in _FILL_WORDS.items() if word >> 12 == fill >> 12), None)
        if found:
            return found
    return None


def _verb(exception: CrashException) -> str:
    return {"read": "read", "write": "wrote to", "execute": "jumped to"}.get(exception.access or "", "used")


def _null_argument(scene: Scene) -> str | None:
    """Return the argument of the location that a debugger shows as a null pointer, ``this`` before others."""
    frame = scene.frame
    names = _NULL_ARGUMENT.findall(frame.arguments[:2000]) if frame and frame.arguments else []
    return "this" if "this" in names else names[0] if len(names) == 1 else None


def _container(scene: Scene) -> str | None:
    return next((name for name in scene.names_above[:1] if _CONTAINER.search(name)), None)


def _history(scene: Scene) -> list[tuple[str, str]]:
    """Return what the report says of the memory: who freed and who allocated it, by their first frame with a file."""
    story = []
    for thread in scene.others[:4]:
        words = {"freed by": "freed in", "allocated by": "allocated in", "other access by": "also used in"}
        label = words.get(thread.name or "")
        named = [frame for frame in thread.frames if frame.function and not _is_runtime(frame.function)]
        if label and named:
            story.append((label, place_of(named[0])))
    return story


def _is_runtime(function: str) -> bool:
    name = normalise(function)
    return name.startswith(("operator", "__", "std::", "_int_", "wrap_")) or name in {
        "free", "malloc", "calloc", "realloc", "_free", "_malloc", "posix_memalign",
    }  # fmt: skip


def _advice(category: str, scene: Scene) -> str:
    text = _ADVICE.get(category)
    default = f"Read {scene.name} at the line of the report, because the sanitizer stops at the first wrong access."
    return text.format(name=scene.name) if text else default
