"""The names of a server's log files: patterns of the configuration, and what a name becomes when a log is rotated."""

import fnmatch
import posixpath
import re

_ROTATED = r"(?:[._-][0-9][0-9A-Za-z_.:-]{0,40}|[._-](?:old|bak|prev|last)|~)"
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip", ".7z")


def is_pattern(name: str) -> bool:
    """Tell a pattern from the name of one file."""
    return "*" in name or "?" in name


def matches(name: str, pattern: str) -> bool:
    """Tell whether a file's name is the configured one or fits its pattern; compressed files never do."""
    if name.endswith(_COMPRESSED):
        return False
    return name == pattern or (is_pattern(pattern) and fnmatch.fnmatchcase(name, pattern.replace("[", "[[]")))


def is_rotated(name: str, log: str) -> bool:
    """
    Tell whether a file holds earlier lines of a log: its name with a date or number before the suffix or behind all.

    ``Server.log.1``, ``Server.log.2025-10-31_01-15-40``, ``Server_2025-10-31.log`` and ``Server.log.old`` are such of
    ``Server.log``. Compressed ones are not looked into.
    """
    if is_pattern(log) or name == log or name.endswith(_COMPRESSED):
        return False
    stem, dot, suffix = log.rpartition(".")
    inner = f"|{re.escape(stem)}{_ROTATED}{re.escape(dot + suffix)}" if stem else ""
    return re.fullmatch(f"{re.escape(log)}{_ROTATED}{inner}", name) is not None


def is_of(path: str, log: str) -> bool:
    """Tell whether a file is a configured log, fits its pattern, or holds its earlier lines; both are whole paths."""
    folder, name = posixpath.split(path.replace("\\", "/"))
    log_folder, log_name = posixpath.split(log.replace("\\", "/"))
    return folder == log_folder and (matches(name, log_name) or is_rotated(name, log_name))
