"""
The forge without a forge: pull requests as Markdown files beside a pushed branch.

Each file begins with a front matter of ``key: value`` lines between two ``---``; the values are JSON, which is YAML
too. A person marks a draft ready by writing ``state: ready``, and ends it by ``state: merged`` or ``state: closed``.
Comments are kept in the front matter, where no text of a body can pass for one, and shown below the body.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import filelock

from tasks.clients.files import write_atomically
from tasks.clients.forge import PullRequestDraft, PullRequestReference, PullRequestState
from tasks.core.errors import FixError

LOCK_WAIT_S = 30

_FILE_NAME = re.compile(r"(\d+)-.*\.md")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_STATES: dict[object, PullRequestState] = {"ready": "open", "merged": "merged", "closed": "closed"}
"""What a person wrote and we do not understand is no consent, so everything else is a draft."""


@dataclass(frozen=True, kw_only=True)
class _Entry:
    path: Path
    number: int
    front: dict[str, object]

    @property
    def state(self) -> PullRequestState:
        written = self.front.get("state")
        return _STATES.get(written, "draft") if isinstance(written, str) else "draft"

    @property
    def comments(self) -> list[str]:
        written = self.front.get("comments")
        return [str(text) for text in written] if isinstance(written, list) else []

    @property
    def reference(self) -> PullRequestReference:
        head = self.front.get("head_commit")
        return PullRequestReference(
            url=self.path.as_uri(),
            number=self.number,
            state=self.state,
            head_commit=head if isinstance(head, str) else None,
        )


class LocalForge:
    """Keeps pull requests as ``<folder>/<number>-<branch>.md``; numbers count up from 1."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def open_draft(self, draft: PullRequestDraft) -> PullRequestReference:
        """
        Write the draft's file, or rewrite the one of its branch.

        Another head commit makes a draft of it again, because what a person said was said of the old one.

        Raises:
            FixError: the folder can't be written, or the branch's pull request is closed or merged.
        """
        with self._locked():
            entries = list(self._entries())
            old = next((entry for entry in entries if entry.front.get("branch") == draft.branch), None)
            if old is not None and not old.reference.is_open:
                raise FixError(
                    f"The pull request of {draft.branch} is {old.state} and is not opened again: {old.path}. "
                    "Another fix of the defect gets a branch of its own."
                )
            is_same_head = old is not None and old.front.get("head_commit") == draft.head_commit
            state = old.front.get("state", "draft") if old and is_same_head else "draft"
            number = old.number if old else max((entry.number for entry in entries), default=0) + 1
            path = old.path if old else self._folder / f"{number:04}-{_slug(draft.branch)}.md"
            entry = _Entry(path=path, number=number, front=_front(draft, state, old.comments if old else []))
            write_atomically(path, _render(entry, draft.body))
        return entry.reference

    def find(self, branch: str) -> PullRequestReference | None:
        """Return the pull request of a branch, or None."""
        entry = self._entry(branch)
        return entry.reference if entry else None

    def comment(self, branch: str, text: str) -> None:
        """
        Write a comment below the body.

        Raises:
            FixError: the branch has no pull request, or its file can't be written.
        """
        self._change(branch, comment=text)

    def mark_ready(self, branch: str) -> None:
        """
        Write ``state: ready`` where the file says draft.

        Raises:
            FixError: the branch has no pull request, or its file can't be written.
        """
        self._change(branch, state="ready")

    def close(self, branch: str, comment: str) -> bool:
        """
        Write ``state: closed`` with a comment; return False where there is nothing open.

        Raises:
            FixError: the file can't be written.
        """
        found = self.find(branch)
        if found is None or not found.is_open:
            return False
        self._change(branch, state="closed", comment=comment)
        return True

    def _change(self, branch: str, *, state: str | None = None, comment: str | None = None) -> None:
        with self._locked():
            entry = self._entry(branch)
            if entry is None:
                raise FixError(f"There is no pull request of {branch} in {self._folder}.")
            comments = [*entry.comments, *([comment] if comment else [])]
            front = {**entry.front, **({"state": state} if state else {}), "comments": comments}
            text = entry.path.read_text(encoding="utf-8", errors="replace")
            body = text.partition("\n---\n\n")[2].removesuffix(_below(entry.comments))
            write_atomically(entry.path, _render(replace(entry, front=front), body))

    def _entry(self, branch: str) -> _Entry | None:
        return next((entry for entry in self._entries() if entry.front.get("branch") == branch), None)

    def _entries(self) -> Iterator[_Entry]:
        for path in sorted(self._folder.glob("*.md")):
            if found := _FILE_NAME.fullmatch(path.name):
                yield _Entry(path=path, number=int(found[1]), front=_read_front(path))

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        lock = self._folder / ".lock"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(lock, timeout=LOCK_WAIT_S):
                yield
        except filelock.Timeout as error:
            raise FixError(f"Another process has held {lock} for {LOCK_WAIT_S} s; see what it is doing.") from error
        except OSError as error:
            raise FixError(f"A pull request can't be written to {self._folder}: {error.strerror}.") from error


def _front(draft: PullRequestDraft, state: object, comments: list[str]) -> dict[str, object]:
    front: dict[str, object] = {
        "title": draft.title,
        "branch": draft.branch,
        "base": draft.base,
        "head_commit": draft.head_commit,
        "labels": list(draft.labels),
        "state": state,
    }
    return {**front, "comments": comments} if comments else front


def _render(entry: _Entry, body: str) -> bytes:
    front = "".join(f"{key}: {json.dumps(value, ensure_ascii=True)}\n" for key, value in entry.front.items())
    return f"---\n{front}---\n\n{body}{_below(entry.comments)}".encode("utf-8", errors="replace")


def _below(comments: list[str]) -> str:
    return "".join(f"\n---\n\n{comment}\n" for comment in comments)


def _read_front(path: Path) -> dict[str, object]:
    """Read the front matter; a value that is no JSON, as a person may write it, counts as text."""
    found: dict[str, object] = {}
    with path.open(encoding="utf-8", errors="replace") as lines:
        if next(lines, "").strip() != "---":
            return found
        for line in lines:
            if line.strip() == "---":
                break
            key, _, value = line.partition(":")
            try:
                found[key.strip()] = json.loads(value)
            except json.JSONDecodeError:
                found[key.strip()] = value.strip()
    return found


def _slug(branch: str) -> str:
    return _NOT_SLUG.sub("-", branch.lower()).strip("-")[:80]
