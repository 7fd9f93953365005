"""What git is given: who signs, where a worktree lies, which paths. Judged before git sees it."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from tasks.core.errors import GitError

_BAD_AUTHOR = re.compile(r"[\x00-\x1f\x7f<>]")


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who signs a commit, as author and committer."""

    name: str
    email: str


@dataclass(frozen=True, kw_only=True)
class Worktree:
    """A checkout of its own for one fix. ``base_commit`` is the full hash from which ``branch`` starts."""

    path: Path
    branch: str
    base_commit: str


def line(output: bytes) -> str:
    """Return the one line that git printed, undecodable bytes as surrogates."""
    return os.fsdecode(output.rstrip(b"\n"))


def listed(paths: Sequence[str]) -> str:
    """Return paths for a sentence."""
    return ", ".join(paths)[:300] or "no path was named, and"


def signature(author: Author, at: datetime | None) -> dict[str, str]:
    """
    Return the variables by which git signs a commit, at a fixed time where one is given.

    Raises:
        GitError: the name or the address is none that git takes.
    """
    if _BAD_AUTHOR.search(author.name + author.email) or not author.name.strip():
        raise GitError(f"{author.name!r} <{author.email!r}> can't sign a commit; set author_name and author_email.")
    # Variables, because author.name and committer.name of an operator's configuration win over user.name.
    variables = {
        "GIT_AUTHOR_NAME": author.name,
        "GIT_AUTHOR_EMAIL": author.email,
        "GIT_COMMITTER_NAME": author.name,
        "GIT_COMMITTER_EMAIL": author.email,
    }
    if at is not None:
        variables |= {
            "GIT_AUTHOR_DATE": at.isoformat(timespec="seconds"),
            "GIT_COMMITTER_DATE": at.isoformat(timespec="seconds"),
        }
    return variables


def check_path(path: str) -> None:
    """
    Check that a path is one of the repository.

    Raises:
        GitError: it is absolute, leaves the repository, or is spelled as git never does.
    """
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or "/".join(parts) != path or ".." in parts:
        raise GitError(f"{path!r} is no relative path inside the repository; name files as git lists them.")


def check_files(worktree: Worktree, paths: Sequence[str]) -> None:
    """
    Check that paths are files of a worktree, or may be.

    Raises:
        GitError: one is a folder, or no path of the repository.
    """
    for path in paths:
        check_path(path)
        place = worktree.path / path
        if place.is_dir() and not place.is_symlink():
            raise GitError(f"{path!r} is a folder; name the files in it, so that nothing else is committed.")
