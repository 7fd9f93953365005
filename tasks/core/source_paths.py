"""From the path that a compiler wrote into the debug info to the path in a repository."""

from collections.abc import Iterable

_CPP_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx", ".inl", ".ipp")


def is_cpp(path: str) -> bool:
    """Say whether a path's name is that of C++ source."""
    return path.lower().endswith(_CPP_SUFFIXES)


def resolve(compiled: str, tracked: Iterable[str]) -> str | None:
    """
    Return the tracked path that shares the longest tail of folders and name with a compiled path.

    A build machine's folders never equal ours, so only the tail counts; None where nothing or more than one fits best.
    """
    parts = compiled.replace("\\", "/").split("/")
    best: list[str] = []
    longest = 0
    for path in tracked:
        length = _common_tail(parts, path.split("/"))
        if length > longest:
            best, longest = [path], length
        elif length and length == longest:
            best.append(path)
    return best[0] if len(best) == 1 else None


def _common_tail(left: list[str], right: list[str]) -> int:
    length = 0
    for ours, theirs in zip(reversed(left), reversed(right), strict=False):
        if ours != theirs:
            break
        length += 1
    return length
