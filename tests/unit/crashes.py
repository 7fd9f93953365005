"""Crashes that unit tests are about: built from values, in the shape that parsers return."""

from tasks.core.crash import Crash, CrashException, Frame, Thread


def crash(*functions: str, kind: str = "access_violation", address: int | None = 0x1C, **exception: str) -> Crash:
    """Return a crash with this stack, innermost function first; ``name@file:line`` sets file and line."""
    frames = []
    for index, text in enumerate(functions):
        function, _, place = text.partition("@")
        file, _, line = place.rpartition(":")
        frames.append(
            Frame(index=index, function=function or None, file=file or None, line=int(line) if line else None)
        )
    return Crash(
        format="test",
        exception=CrashException(kind=kind, address=address, **exception),  # type: ignore[arg-type]
        threads=(Thread(id="1", is_crashed=True, frames=tuple(frames)),),
    )
