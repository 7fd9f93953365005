"""What the disk does to the worktrees of a clone, told so that a person knows what to do."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from tasks.core.errors import GitError


@contextlib.contextmanager
def removal_explained(place: Path) -> Iterator[None]:
    """
    Explain why a worktree can't be removed; one that is gone is fine.

    Raises:
        GitError: the system refuses.
    """
    try:
        yield
    except FileNotFoundError:
        return
    except OSError as error:
        raise GitError(f"{place} can't be removed: {error.strerror} ({error.filename}); remove it by hand.") from error


@contextlib.contextmanager
def checkout_explained(folder: Path) -> Iterator[None]:
    """
    Add what is left of a folder's disk to git's words: it does not say why it could not write.

    Raises:
        GitError: as git refused.
    """
    try:
        yield
    except GitError as error:
        if "unable to write" not in str(error):
            raise
        free = shutil.disk_usage(folder).free // 2**20
        hint = f"The disk of {folder} has {free} MB left: free some space, or see who may write there."
        raise GitError(f"{error} {hint}") from error
