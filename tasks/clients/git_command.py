"""
How ``tasks.clients.git`` runs git: through GitPython's command object, behind the door that all our children share.

By itself GitPython hands a child the whole environment, tokens included. Here git gets the allow-listed part of it, no
terminal, settings that keep bytes as they are, time to wait for others, and one sentence where it refuses.
"""

import functools
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.clients import process, tools
from tasks.core.errors import GitError, ToolMissingError

if TYPE_CHECKING:
    import git

SETTINGS = (
    "apply.ignoreWhitespace=no",
    "apply.whitespace=nowarn",
    "commit.gpgSign=false",
    "core.autocrlf=false",
    "core.fsmonitor=false",
    "core.safecrlf=false",
    "i18n.commitEncoding=utf-8",
    # A child of git that outlives it is killed with it, and a killed clean-up leaves its lock files behind.
    "gc.auto=0",
    "maintenance.auto=false",
    "push.followTags=false",
    "push.gpgSign=false",
    "push.recurseSubmodules=no",
    "submodule.recurse=false",
)
"""What an operator's own configuration may not change for us."""

ENVIRONMENT = {
    "GIT_ASKPASS": "",
    "GIT_EDITOR": "true",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LANGUAGE": "C",
    "LC_ALL": "C",
}

_BUSY = re.compile(
    r"Unable to create '(?P<lock>.+\.lock)': File exists|could not lock config file (?P<config>.+): File"
)
_TRANSIENT = re.compile(
    r"(?i)could not resolve host|connection (timed out|reset|refused)|operation timed out|failed to connect|early eof"
    r"|hung up unexpectedly|RPC failed|returned error: (429|5\d\d)|TLS connection|temporary failure"
    r"|network is unreachable"
)
_FOREIGN_OWNER = re.compile(r"detected dubious ownership in repository at '(.+)'")
_CREDENTIALS = re.compile(r"://[^/@\s']+@")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]+")
_BOILERPLATE = re.compile(r"hint:|Please make sure you have the correct access rights|and the repository exists\.$")
_SECRET_LENGTH = 8
_WORDS_LIMIT = 800


@dataclass(frozen=True, kw_only=True)
class Patience:
    """
    How long git may take, and how long we wait for others, in seconds.

    ``busy_s`` is the wait for another git that holds a lock file, ``lock_s`` the wait for another crashflow process;
    ``network_waits_s`` are the pauses between the attempts to reach a remote.
    """

    command_s: float = 300
    network_s: float = 300
    busy_s: float = 10
    lock_s: float = 1800
    network_waits_s: tuple[float, ...] = (1, 4)


class GitCommand:
    """
    git in one folder, which must be the top of a clone or worktree.

    Raises:
        ToolMissingError: git is not installed.
        GitError: the folder is no clone.
    """

    def __init__(self, folder: Path, *, patience: Patience, hooks: Path | None = None) -> None:
        self.folder = folder
        self._patience = patience
        self._repo = _open(folder)
        self.hooks = hooks or self._find_hooks()
        self._repo.git.set_persistent_git_options(c=[*SETTINGS, f"core.hooksPath={self.hooks}"])

    def run(self, subcommand: str, *words: str | Path, environment: Mapping[str, str] | None = None) -> bytes:
        """
        Run git and return the bytes that it prints. A lock file of another git is waited for, and never deleted.

        Raises:
            GitError: git refused, or the lock file stayed.
        """
        return self._checked(self._wait_for_others((subcommand, *words), environment), subcommand)

    def answers(self, subcommand: str, *words: str | Path) -> bool:
        """
        Ask git a question whose answer is its exit code: 0 is yes, 1 is no.

        Raises:
            GitError: any other code.
        """
        result = self._wait_for_others((subcommand, *words), None)
        if result.returncode == 1 and not result.is_timed_out:
            return False
        self._checked(result, subcommand)
        return True

    def reach(self, subcommand: str, *words: str | Path, credentials: Mapping[str, str] | None = None) -> bytes:
        """
        Run a git that talks to a remote, again after a pause when the network failed.

        ``credentials`` are variables for this git alone; an error never shows what is in them.

        Raises:
            GitError: the remote refused, or stayed away.
        """
        for wait_s in (*self._patience.network_waits_s, None):
            result = self._wait_for_others((subcommand, *words), credentials, timeout_s=self._patience.network_s)
            if wait_s is None or result.is_success or not _TRANSIENT.search(_text(result)):
                break
            time.sleep(wait_s)
        return self._checked(result, subcommand, credentials)

    def _find_hooks(self) -> Path:
        """
        Return the clone's own hooks. A relative ``core.hooksPath`` means the tree in which git runs, and the tree of a
        fix would bring its own hooks; so every worktree is given the folder that the clone has.
        """
        found = self.run("rev-parse", "--git-path", "hooks")
        return (self.folder / os.fsdecode(found.rstrip(b"\n"))).resolve()

    def _wait_for_others(
        self, words: tuple[str | Path, ...], environment: Mapping[str, str] | None, *, timeout_s: float | None = None
    ) -> process.ProcessResult:
        if any("\0" in str(word) for word in words):
            raise GitError(f"git {words[0]} in {self.folder} was given a name with a null byte in it; mend that name.")
        # Without the ceiling a worktree whose .git is gone would be taken for a part of the repository around it.
        own = {**ENVIRONMENT, "GIT_CEILING_DIRECTORIES": str(self.folder.parent), **(environment or {})}
        command = getattr(self._repo.git, str(words[0]))
        deadline = time.monotonic() + self._patience.busy_s
        for wait_s in _growing_waits():
            result: process.ProcessResult = command(
                *words[1:], env=own, kill_after_timeout=timeout_s or self._patience.command_s
            )
            is_busy = not result.is_success and _BUSY.search(_text(result))
            if not is_busy or time.monotonic() + wait_s > deadline:
                break
            time.sleep(wait_s)
        return result

    def _checked(
        self, result: process.ProcessResult, subcommand: str, credentials: Mapping[str, str] | None = None
    ) -> bytes:
        what = f"git {subcommand} in {self.folder}"
        if not result.is_success:
            raise GitError(_explain(result, what, credentials or {}))
        if len(result.stdout) >= process.OUTPUT_LIMIT:
            raise GitError(f"{what} printed more than the {process.OUTPUT_LIMIT // 2**20} MiB that are kept of it.")
        return result.stdout


def _open(folder: Path) -> "git.Repo":
    repo_type = _repo_type()
    import git  # noqa: PLC0415  as in _repo_type

    try:
        return repo_type(folder, expand_vars=False)
    except (git.InvalidGitRepositoryError, git.NoSuchPathError) as error:
        raise GitError(
            f"{folder} is no git clone; clone the server's source there, or name the folder of a clone."
        ) from error


@functools.cache
def _repo_type() -> "type[git.Repo]":
    """Import GitPython, which runs git while it is imported and fails where git is missing, and bend it to our door."""
    tools.require("git")
    try:
        import git  # noqa: PLC0415
    except ImportError as error:
        raise ToolMissingError(
            "git is installed but does not start; try `git --version` and mend what it says."
        ) from error

    class OwnDoorGit(git.Git):
        def execute(self, command: Any, *_: Any, **options: Any) -> Any:
            return process.run(
                command,
                timeout_s=options["kill_after_timeout"],
                cwd=Path(str(self.working_dir)),
                environment=options["env"],
            )

    class OwnDoorRepo(git.Repo):
        GitCommandWrapperType = OwnDoorGit

    return OwnDoorRepo


def _growing_waits() -> Iterator[float]:
    wait_s = 0.05
    while True:
        yield wait_s
        wait_s = min(wait_s * 2, 1.0)


def _text(result: process.ProcessResult) -> str:
    return result.stderr.decode("utf-8", errors="replace")


def _explain(result: process.ProcessResult, what: str, credentials: Mapping[str, str]) -> str:
    """Turn git's words into one sentence that shows no credentials."""
    text = _redact(_text(result), credentials)
    if found := _FOREIGN_OWNER.search(text):
        remedy = f"git config --global --add safe.directory {found[1]}"
        return f"{what} is refused because another user owns the folder; if you trust it, run: {remedy}"
    if found := _BUSY.search(text):
        lock = found["lock"] or f"{found['config']}.lock"
        return f"{what} can't go on while {lock} exists: let the other git finish, or delete the file when none runs."
    if result.is_timed_out:
        return (
            f"{what} did not end within {result.seconds:.0f} s and was stopped; see what it waits for, then try again."
        )
    return (
        f"{what} failed: {_last_words(text) or _last_words(_redact(result.output, credentials)) or 'without a word'}."
    )


def _redact(text: str, credentials: Mapping[str, str]) -> str:
    text = _CREDENTIALS.sub("://***@", text)
    secrets = {word for value in credentials.values() for word in value.split() if len(word) >= _SECRET_LENGTH}
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _last_words(text: str) -> str:
    """Return what the remote itself said, which names the reason of a refusal, and git's last lines."""
    lines = [_CONTROLS.sub(" ", line).strip() for line in text.splitlines()]
    spoken = [line for line in lines if line and not _BOILERPLATE.match(line) and line != "remote:"]
    remote = [line for line in spoken if line.startswith("remote: ")]
    own = [line for line in spoken if not line.startswith("remote: ")]
    return "; ".join((*remote[:3], *own[-3:]))[:_WORDS_LIMIT].rstrip(".")
