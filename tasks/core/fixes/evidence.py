"""What a report says without its source: whether a pointer was null at all, and what our innermost frame called."""

import re2

from tasks.core.crash import NULL_PAGE, Crash, Frame
from tasks.core.errors import RefusalError
from tasks.core.fixes.contract import after_handler, candidate_frames, is_system_file
from tasks.core.fixes.site import argument_values, show
from tasks.core.names import normalise, unqualified

_ACCESSOR = re2.compile(r"(?:[Gg]et|[Ii]s|[Hh]as|To)[A-Z]\w*|AI")


def frames_of(crash: Crash) -> tuple[Frame, ...]:
    """
    Return the frames to search for the null pointer, innermost first, of a crash that may be an access through one.

    Raises:
        RefusalError: it is another crash, or no frame has source of ours.
    """
    exception = crash.exception
    is_unknown = exception.kind == "access_violation" and exception.address is None
    if not exception.is_null_access and not is_unknown:
        raise RefusalError("The crash is not an access through a null pointer.")
    if exception.access == "execute":
        raise RefusalError(
            "The program jumped to a null address: a function pointer was null, not a pointer to an object."
        )
    frames = candidate_frames(crash)
    if not frames:
        raise RefusalError("No frame of the crashing thread names a source line of our own: add symbols and try again.")
    return frames


def library_callee(crash: Crash, first: Frame) -> str | None:
    """
    Return the library function that our innermost frame called, None when the crash is in our own code.

    One that only reads its object, and whose source line is not known, counts as of a library.

    Raises:
        RefusalError: what lies between is neither known by name nor a library's.
    """
    frames = after_handler(crash)
    inner = frames[: frames.index(first)]
    if not inner:
        return None
    last = inner[-1]
    name = normalise(last.function) if last.function else ""
    is_library = name.startswith("std::") or (last.file is not None and is_system_file(last.file))
    is_library = is_library or (last.file is None and is_accessor(name))
    if not name or not is_library:
        raise RefusalError(
            f"The frame {show(name or '??')} inside our code has no source line, so its cause is unknown."
        )
    return name


def is_accessor(function: str) -> bool:
    """Say whether a method is named like one that reads its own object and nothing else: ``Player::GetSession``."""
    return "::" in function and _ACCESSOR.fullmatch(unqualified(function)) is not None


def check_shown(crash: Crash, frame: Frame, pointer: bytes) -> None:
    """
    Check that the report shows a null pointer: by the address of the access, else by the arguments of its frames.

    Raises:
        RefusalError: it shows neither an address nor a null argument.
    """
    frames = after_handler(crash)
    inner = frames[: frames.index(candidate_frames(crash)[0]) + 1]
    has_null_object = any(argument_values(each).get(b"this", NULL_PAGE) < NULL_PAGE for each in inner)
    is_shown = has_null_object or argument_values(frame).get(pointer) == 0
    if not crash.exception.is_null_access and not is_shown:
        raise RefusalError("The report does not give the address of the access, and no argument in it is null.")
