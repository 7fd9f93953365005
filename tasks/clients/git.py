"""
The door to git: every fix gets a worktree and a branch of its own in a clone that the operator names.

Nothing is ever forced, nothing but the named paths is committed, and only branches under our prefix are made, removed
or pushed. The clone's own working tree is never touched. Hooks of the clone run, as they would for a person.
"""

import contextlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import filelock

from tasks.clients import files, git_disk, git_values
from tasks.clients.git_command import GitCommand, Patience
from tasks.clients.git_values import Author, Worktree
from tasks.core.conventions import BRANCH_PREFIX
from tasks.core.errors import GitError

STALE_LOCK_S = 600.0
"""No git holds a lock file of the shared ones for so long."""

_REVISION = re.compile(r"(?<![0-9a-zA-Z])[0-9a-f]{7,40}(?![0-9a-zA-Z])")
_FULL_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LINK_IN_PATCH = re.compile(rb"^new (?:file )?mode 1[26]0000", re.MULTILINE)
_REGULAR_FILE_MODES = (b"100644", b"100755")


class Repository:
    """
    An existing clone on disk.

    ``lock_folder`` holds the lock that one crashflow process at a time may have over the clone; ``remote`` is the only
    remote that is ever read or written. Safe to use from several threads.

    Raises:
        ToolMissingError: git is not installed.
        GitError: the folder is no clone, or not ours to use.
    """

    def __init__(
        self, path: Path, *, lock_folder: Path, remote: str = "origin", patience: Patience | None = None
    ) -> None:
        self.path = path.resolve()
        self.remote = remote
        self._patience = patience or Patience()
        self._clone = GitCommand(self.path, patience=self._patience)
        lock_folder.mkdir(parents=True, exist_ok=True)
        self._lock = filelock.FileLock(lock_folder / "git.lock", timeout=self._patience.lock_s)

    def base_commit(self, ref: str) -> str:
        """
        Return the full hash of the commit that a branch, tag or hash names in the clone. Fetches nothing.

        Raises:
            GitError: the clone has no such commit.
        """
        is_ref = not ref.startswith("-") and self._clone.answers("check-ref-format", "--allow-onelevel", ref)
        if not is_ref or not self._clone.answers("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"):
            raise GitError(
                f"{ref!r} names no commit in {self.path}; fetch it, or name a branch, tag or hash of that clone."
            )
        return git_values.line(self._clone.run("rev-parse", "--verify", f"{ref}^{{commit}}"))

    def commit_of(self, build: str | None) -> str | None:
        """
        Return the commit from which a build was made, as far as its name tells one that the clone has.

        Servers name their builds by a hash, often with ``+`` for changes that were not committed, and words around it.
        """
        for revision in _REVISION.findall(build or ""):
            if self._clone.answers("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"):
                return self.base_commit(revision)
        return None

    def is_ancestor(self, ancestor: str, commit: str) -> bool:
        """
        Return whether ``commit`` contains ``ancestor``; a commit contains itself.

        Raises:
            GitError: the clone does not have both.
        """
        return self._clone.answers("merge-base", "--is-ancestor", self._resolve(ancestor), self._resolve(commit))

    def list_files(self, commit: str) -> tuple[str, ...]:
        """Return the paths of all files of a commit, in git's order, undecodable bytes as surrogates."""
        listed = self._clone.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", self._resolve(commit))
        return tuple(os.fsdecode(name) for name in listed.split(b"\0") if name)

    def read_file(self, commit: str, path: str) -> bytes | None:
        """Return the bytes of a file as the commit stores them; None where it has no regular file of that path."""
        git_values.check_path(path)
        entry = self._clone.run("ls-tree", "-z", "--full-tree", self._resolve(commit), "--", path)
        mode, _, rest = entry.partition(b"\t")[0].partition(b" ")
        if mode not in _REGULAR_FILE_MODES:
            return None
        return self._clone.run("cat-file", "blob", rest.partition(b" ")[2].decode("ascii"))

    def search(self, commit: str, texts: Sequence[bytes], folders: Sequence[str]) -> tuple[str, ...]:
        """Return the paths of a commit below ``folders`` (all without one) whose bytes hold one of the texts."""
        if not texts:
            return ()
        resolved = self._resolve(commit)
        wanted = [word for text in texts for word in ("-e", os.fsdecode(text))]
        words = ("-F", "--full-name", *wanted, resolved, "--", *folders)
        if not self._clone.answers("grep", "-q", *words):
            return ()
        found = self._clone.run("grep", "-l", "-z", *words)
        return tuple(os.fsdecode(name).removeprefix(f"{resolved}:") for name in found.split(b"\0") if name)

    def fetch(self, branch: str, *, environment: Mapping[str, str] | None = None) -> None:
        """
        Bring ``<remote>/<branch>`` up to date. ``environment`` may carry credentials.

        Raises:
            GitError: the remote has no such branch, or can't be reached.
        """
        self._check_branch(branch)
        self._check_remote()
        refspec = f"+refs/heads/{branch}:refs/remotes/{self.remote}/{branch}"
        with self._locked():
            self._clone.reach("fetch", "--quiet", "--no-tags", self.remote, refspec, credentials=environment)

    def remote_head(self, branch: str, *, environment: Mapping[str, str] | None = None) -> str | None:
        """Return the commit that the remote has under a branch at this moment; None where it has no such branch."""
        self._check_branch(branch)
        self._check_remote()
        name = f"refs/heads/{branch}"
        listed = self._clone.reach("ls-remote", "--quiet", self.remote, name, credentials=environment)
        rows = (line.split("\t") for line in listed.decode("utf-8", errors="replace").splitlines())
        return next((row[0] for row in rows if row[1:] == [name]), None)

    def create_worktree(self, folder: Path, *, branch: str, base_commit: str, prefix: str = BRANCH_PREFIX) -> Worktree:
        """
        Check out ``base_commit`` under a new branch in a folder of its own.

        What an earlier run of the same fix left, folder or branch, is removed first: nothing else is.

        Raises:
            GitError: the branch is not under ``prefix``, the folder is not ours, or the remote's branch of that name
                has commits of somebody else.
        """
        self._check_branch(branch, prefix)
        commit = self.base_commit(base_commit)
        place = folder.resolve()
        with self._locked():
            self._check_leftovers(place, branch, prefix)
            self._remove(place)
            if self._has_branch(branch):
                self._clone.run("branch", "--quiet", "-D", branch)
            place.parent.mkdir(parents=True, exist_ok=True)
            with git_disk.checkout_explained(place.parent):
                self._clone.run("worktree", "add", "--quiet", "--no-track", "-b", branch, place, commit)
        return Worktree(path=place, branch=branch, base_commit=commit)

    def export(self, commit: str, folder: Path) -> None:
        """
        Write the files of a commit into a new folder, without anything of git's own.

        Raises:
            GitError: there is no such commit, or no space.
        """
        resolved, place = self._resolve(commit), folder.resolve()
        place.mkdir(parents=True)
        with tempfile.TemporaryDirectory(prefix="crashflow-") as index, git_disk.checkout_explained(place.parent):
            environment = {"GIT_INDEX_FILE": str(Path(index, "index")), "GIT_WORK_TREE": str(place)}
            self._clone.run("read-tree", resolved, environment=environment)
            self._clone.run("checkout-index", "--all", "--quiet", environment=environment)

    def remove_worktree(self, folder: Path) -> None:
        """
        Remove a worktree with everything in it; its branch stays. Does nothing where there is none.

        Raises:
            GitError: the folder is no worktree of this clone.
        """
        with self._locked():
            self._remove(folder.resolve())

    def clear(self, folder: Path, *, needed: Collection[str], prefix: str) -> list[str]:
        """
        Remove the worktrees directly below a folder of ours whose names are not needed, and lock files of killed gits.

        A lock file is removed where nobody but us writes, as on our branches, or when it is older than any git needs.
        Call this when nothing of ours that is dead has living children. Returns the paths.

        Raises:
            GitError: another crashflow process holds the clone, or something can't be removed.
        """
        with self._locked():
            found = [place for place in self._worktrees() if place.parent == folder.resolve()]
            unneeded = [place for place in found if place.name not in needed]
            for place in unneeded:
                self._remove(place)
            locks = self._stale_locks(prefix)
            for lock in locks:
                lock.unlink(missing_ok=True)
        return [str(path) for path in (*unneeded, *locks)]

    def remove_unpushed(self, branch: str, *, prefix: str) -> bool:
        """
        Delete a branch of ours that is on no remote and in no worktree; say whether it was there.

        Raises:
            GitError: the branch is not under ``prefix``, or the remote can't be asked.
        """
        self._check_branch(branch, prefix)
        if not self._has_branch(branch) or branch in self._worktrees().values() or self.remote_head(branch):
            return False
        with self._locked():
            self._clone.run("branch", "--quiet", "-D", branch)
        return True

    def commit(
        self, worktree: Worktree, *, paths: Sequence[str], message: str, author: Author, at: datetime | None = None
    ) -> str:
        """
        Commit exactly these files, changed, new or deleted, and return the commit's hash.

        With ``at`` the same change, author and message give the same hash however often the step runs.

        Raises:
            GitError: nothing to commit, a path that is no file, the wrong branch, or a hook that says no.
        """
        git_values.check_files(worktree, paths)
        signature = git_values.signature(author, at)
        command = self._inside(worktree)
        if git_values.line(command.run("rev-parse", "--symbolic-full-name", "HEAD")) != f"refs/heads/{worktree.branch}":
            raise GitError(
                f"{worktree.path} is not on the branch {worktree.branch} any more; create the worktree again."
            )
        with self._locked():
            if paths:
                command.run("add", "--", *paths)
            if not paths or command.answers("diff-index", "--cached", "--quiet", "HEAD", "--", *paths):
                named = git_values.listed(paths)
                raise GitError(f"There is nothing to commit in {worktree.path}: {named} did not change.")
            words = ("--only", "--quiet", "--cleanup=whitespace", f"--message={message}", "--", *paths)
            command.run("commit", *words, environment=signature)
        return git_values.line(command.run("rev-parse", "HEAD"))

    def patch(self, base: str, head: str, paths: Sequence[str] = ()) -> bytes:
        """Return the change between two commits in git's patch format, of some files or of all, also binary ones."""
        for path in paths:
            git_values.check_path(path)
        return self._clone.run("diff-tree", *_PATCH_WORDS, self._resolve(base), self._resolve(head), "--", *paths)

    def pending_patch(self, worktree: Worktree, *, paths: Sequence[str]) -> bytes:
        """
        Return what these files of a worktree changed since its base commit, committed or not, as ``patch`` would.

        Raises:
            GitError: a path is no file.
        """
        git_values.check_files(worktree, paths)
        command = self._inside(worktree)
        with tempfile.TemporaryDirectory(prefix="crashflow-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
            command.run("read-tree", worktree.base_commit, environment=index)
            if paths:
                command.run("add", "--", *paths, environment=index)
            return command.run("diff-index", "--cached", *_PATCH_WORDS, worktree.base_commit, environment=index)

    def apply_patch(self, worktree: Worktree, patch: bytes) -> tuple[str, ...]:
        """
        Apply a patch to the files of a worktree, wholly or not at all, and return the paths that it touches.

        Raises:
            GitError: it does not fit, leaves the worktree, or makes a symbolic link.
        """
        if _LINK_IN_PATCH.search(patch):
            raise GitError("The patch makes a symbolic link or a submodule; a fix may change files only.")
        command = self._inside(worktree)
        with self._locked(), tempfile.NamedTemporaryFile(prefix="crashflow-", suffix=".patch") as file:
            file.write(patch)
            file.flush()
            command.run("apply", "--check", file.name)
            # A renamed file has its new name in one direction and its old name in the other.
            counts = command.run("apply", "--numstat", "-z", file.name)
            counts += command.run("apply", "--numstat", "-z", "--reverse", file.name)
            command.run("apply", file.name)
        return tuple(dict.fromkeys(os.fsdecode(row.split(b"\t", 2)[2]) for row in counts.split(b"\0") if row))

    def remote_url(self) -> str:
        """
        Return the address that branches are pushed to.

        Raises:
            GitError: the clone has no such remote.
        """
        self._check_remote()
        return self._clone.run("remote", "get-url", "--push", self.remote).decode("utf-8", errors="replace").strip()

    def push(self, worktree: Worktree, *, prefix: str, environment: Mapping[str, str] | None = None) -> None:
        """
        Publish the worktree's branch under its own name, never forced; a branch that is there already is fine.

        A commit of ours on the remote is built upon; ``environment`` may carry credentials.

        Raises:
            GitError: the branch is not under ``prefix``, has no commit, or the remote's branch of that name has
                commits that this one does not contain.
        """
        self._check_branch(worktree.branch, prefix)
        head = self.base_commit(f"refs/heads/{worktree.branch}")
        if head == self._resolve(worktree.base_commit):
            raise GitError(
                f"The branch {worktree.branch} has no commit of its own; commit the fix before it is pushed."
            )
        theirs = self.remote_head(worktree.branch, environment=environment)
        if theirs == head:
            return
        self._check_ours(worktree.branch, theirs, head)
        refspec = f"{head}:refs/heads/{worktree.branch}"
        with self._locked():
            self._clone.reach("push", "--quiet", self.remote, refspec, credentials=environment)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._lock.acquire()
        except filelock.Timeout as error:
            raise GitError(
                f"Another crashflow process has held {self._lock.lock_file} for {self._patience.lock_s:.0f} s; "
                "see what it is doing, then try again."
            ) from error
        try:
            yield
        finally:
            self._lock.release()

    def _inside(self, worktree: Worktree) -> GitCommand:
        return GitCommand(worktree.path, patience=self._patience, hooks=self._clone.hooks)

    def _resolve(self, commit: str) -> str:
        return commit if _FULL_HASH.fullmatch(commit) else self.base_commit(commit)

    def _check_branch(self, branch: str, prefix: str | None = None) -> None:
        is_name = not branch.startswith("-") and self._clone.answers("check-ref-format", f"refs/heads/{branch}")
        if not is_name or branch == "HEAD":
            raise GitError(f"{branch!r} is no name for a branch; see `git help check-ref-format`.")
        if prefix is not None and (not prefix or not branch.startswith(prefix) or branch == prefix):
            raise GitError(f"The branch {branch} does not begin with {prefix!r}; crashflow touches no other branches.")

    def _check_remote(self) -> None:
        remotes = self._remotes()
        if self.remote not in remotes:
            raise GitError(f"{self.path} has no remote {self.remote!r}; add it with `git remote add`, or set another.")

    def _remotes(self) -> list[str]:
        return self._clone.run("remote").decode("utf-8", errors="replace").splitlines()

    def _has_branch(self, branch: str) -> bool:
        return self._clone.answers("show-ref", "--verify", "--quiet", f"refs/heads/{branch}")

    def _stale_locks(self, prefix: str) -> list[Path]:
        common = self.path / os.fsdecode(self._clone.run("rev-parse", "--git-common-dir")).strip()
        ours = list((common / "refs" / "heads" / prefix).rglob("*.lock"))
        shared = [common / "packed-refs.lock", common / "config.lock", *(common / "refs" / "remotes").rglob("*.lock")]
        oldest = time.time() - STALE_LOCK_S
        return ours + [lock for lock in shared if lock.exists() and lock.stat().st_mtime < oldest]

    def _check_leftovers(self, place: Path, branch: str, prefix: str) -> None:
        """Refuse before anything is removed, so that a refusal loses nothing."""
        held = self._worktrees().get(place)
        if held is not None and not held.startswith(prefix):
            raise GitError(f"{place} is a worktree on {held or 'no branch'}, not one of ours; use another folder.")
        if self._has_branch(branch) and self.remote in self._remotes():
            self._check_ours(branch, self.remote_head(branch), self.base_commit(f"refs/heads/{branch}"))

    def _check_ours(self, branch: str, theirs: str | None, ours: str) -> None:
        if theirs is None or theirs == ours:
            return
        is_known = self._clone.answers("rev-parse", "--verify", "--quiet", f"{theirs}^{{commit}}")
        if not is_known or not self.is_ancestor(theirs, ours):
            raise GitError(
                f"The branch {branch} on {self.remote} is at {theirs[:12]}, which did not come from here; "
                "crashflow overwrites nobody's commits: rename or delete that branch, then try again."
            )

    def _remove(self, place: Path) -> None:
        if place in self._worktrees():
            # Not `git worktree remove` alone: it refuses what an interrupted removal or checkout left.
            with git_disk.removal_explained(place):
                shutil.rmtree(place)
            self._clone.run("worktree", "remove", "--force", "--force", place)
        elif place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise GitError(f"{place} exists and is no worktree of {self.path}; move it away, or use another folder.")

    def _worktrees(self) -> dict[Path, str | None]:
        """
        List the linked worktrees with their branches: "" where one has no branch, None where git was killed before it
        had one. The first entry of git's list is the clone itself and left out.
        """
        listed = os.fsdecode(self._clone.run("worktree", "list", "--porcelain"))
        found: dict[Path, str | None] = {}
        for block in listed.rstrip("\n").split("\n\n")[1:]:
            lines = dict(line.partition(" ")[::2] for line in block.split("\n"))
            unnamed = None if lines.get("locked") == "initializing" else ""
            found[Path(lines["worktree"])] = lines.get("branch", "").removeprefix("refs/heads/") or unnamed
        return found


def write_files(worktree: Worktree, contents: Mapping[str, bytes]) -> None:
    """
    Write files of a worktree, as ``tasks.clients.files.write_files`` does.

    Raises:
        EditError: a path points outside the worktree, into ``.git``, or through a symbolic link.
    """
    files.write_files(worktree.path, contents)


_PATCH_WORDS = ("-r", "-p", "--binary", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color")
