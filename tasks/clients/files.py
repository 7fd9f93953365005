"""Writes files whole or not at all, and only below the folder that the caller names."""

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from tasks.core.errors import EditError

_RESERVED_NAME = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?|\.git|git~[0-9]+")
_FORBIDDEN_CHARACTER = re.compile(r"[\x00-\x1f\x7f\\:*?\"<>|]")
_NEW_FILE_MODE = 0o644


def write_atomically(path: Path, content: bytes, *, mode: int = _NEW_FILE_MODE) -> None:
    """Replace a file in one step: a reader sees the old bytes or the new, and a crash leaves one of the two."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".crashflow-")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        temporary.chmod(mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_files(root: Path, files: Mapping[str, bytes]) -> None:
    """
    Write regular files below ``root``; the keys are relative paths with ``/``.

    All paths are judged before any is written. The bytes arrive unchanged, a file that exists keeps its mode, missing
    folders are made.

    Raises:
        EditError: a path is absolute, leaves the root, goes through a symbolic link, lies in ``.git``, is no regular
            file, or bears a name that some system can't store.
    """
    targets = {confine(root, name): content for name, content in files.items()}
    for target, content in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else _NEW_FILE_MODE
        write_atomically(target, content, mode=mode)


def remove_folders(parent: Path, is_unneeded: Callable[[str], bool]) -> list[str]:
    """Remove the folders directly below one of ours whose names are not needed; return the paths that are gone."""
    if not parent.is_dir():
        return []
    removed = [folder for folder in sorted(parent.iterdir()) if folder.is_dir() and is_unneeded(folder.name)]
    for folder in removed:
        shutil.rmtree(folder, ignore_errors=True)
    return [str(folder) for folder in removed if not folder.exists()]


def confine(root: Path, name: str) -> Path:
    """
    Return the absolute path of a regular file below ``root``, or of one that may be made there.

    Raises:
        EditError: as ``write_files`` says.
    """
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or "/".join(parts) != name or ".." in parts:
        raise EditError(f"{name[:200]!r} is no relative path inside the worktree; name the file as git lists it.")
    for part in parts:
        if _RESERVED_NAME.fullmatch(part) or _FORBIDDEN_CHARACTER.search(part) or part.endswith((".", " ")):
            raise EditError(f"{name[:200]!r} has a part that may not be written: {part[:80]!r}.")
    home = root.resolve()
    target = home.joinpath(*parts)
    if target.parent.resolve() != target.parent or target.is_symlink():
        raise EditError(f"{name[:200]!r} goes through a symbolic link; name the file that it points to.")
    if target.exists() and not target.is_file():
        raise EditError(f"{name[:200]!r} is no regular file.")
    return target
