"""What dead runs leave in a clone: their worktrees, branches and lock files go, and nothing else."""

import os
import time
from pathlib import Path

import pytest

from tasks.clients.git import STALE_LOCK_S, Repository
from tests.integration.test_git import (  # noqa: F401  fixtures
    BRANCH,
    PREFIX,
    _operator_home,
    clone,
    commit_fix,
    remote,
    repository,
    sh,
)


@pytest.fixture
def worktrees(tmp_path: Path) -> Path:
    return tmp_path / "worktrees"


def branches(folder: Path) -> list[str]:
    return sh(folder, "for-each-ref", "--format=%(refname:short)", "refs/heads").split()


def test_worktrees_without_an_open_fix_go_and_the_others_stay(
    repository: Repository,  # noqa: F811
    clone: Path,  # noqa: F811
    worktrees: Path,
    tmp_path: Path,
) -> None:
    for number in (1, 2):
        repository.create_worktree(worktrees / f"fix-{number}", branch=f"{PREFIX}fix-{number}", base_commit="main")
    sh(clone, "worktree", "add", "-q", str(tmp_path / "operators"))
    removed = repository.clear(worktrees, needed={"fix-2"}, prefix=PREFIX)
    assert [str(worktrees / "fix-1")] == removed
    assert ["fix-2"] == [path.name for path in worktrees.iterdir()]
    assert (tmp_path / "operators").is_dir()
    assert 3 == len(sh(clone, "worktree", "list").splitlines())


def test_a_worktree_whose_folder_is_gone_already_is_forgotten_too(
    repository: Repository,  # noqa: F811
    clone: Path,  # noqa: F811
    worktrees: Path,
) -> None:
    tree = repository.create_worktree(worktrees / "fix-1", branch=BRANCH, base_commit="main")
    for path in sorted(tree.path.rglob("*"), reverse=True):
        path.unlink() if path.is_file() or path.is_symlink() else path.rmdir()
    tree.path.rmdir()
    repository.clear(worktrees, needed=set(), prefix=PREFIX)
    assert 1 == len(sh(clone, "worktree", "list").splitlines())


def test_lock_files_on_our_branches_go_at_once_and_shared_ones_when_they_are_old(
    repository: Repository,  # noqa: F811
    clone: Path,  # noqa: F811
    worktrees: Path,
) -> None:
    ours, shared, operators = (
        clone / ".git" / name for name in (f"refs/heads/{BRANCH}.lock", "packed-refs.lock", "refs/heads/main.lock")
    )
    ours.parent.mkdir(parents=True)
    for lock in (ours, shared, operators):
        lock.touch()
    assert [str(ours)] == repository.clear(worktrees, needed=set(), prefix=PREFIX)
    long_ago = time.time() - STALE_LOCK_S - 1
    for lock in (shared, operators):
        os.utime(lock, (long_ago, long_ago))
    assert [str(shared)] == repository.clear(worktrees, needed=set(), prefix=PREFIX)
    assert operators.exists()


def test_a_branch_that_was_never_pushed_is_deleted_and_a_pushed_one_stays(
    repository: Repository,  # noqa: F811
    clone: Path,  # noqa: F811
    worktrees: Path,
) -> None:
    for number in (1, 2):
        tree = repository.create_worktree(
            worktrees / f"fix-{number}", branch=f"{PREFIX}fix-{number}", base_commit="main"
        )
        commit_fix(repository, tree)
        if number == 2:
            repository.push(tree, prefix=PREFIX)
    assert not repository.remove_unpushed(f"{PREFIX}fix-1", prefix=PREFIX), "its worktree is there"
    repository.clear(worktrees, needed=set(), prefix=PREFIX)
    assert [True, False, False] == [
        repository.remove_unpushed(f"{PREFIX}{name}", prefix=PREFIX) for name in ("fix-1", "fix-2", "fix-3")
    ]
    assert [f"{PREFIX}fix-2", "main"] == branches(clone)
