"""What crashflow asks of a forge, whichever it is: a draft pull request for a branch that is already pushed."""

from dataclasses import dataclass
from typing import Literal, Protocol

TOKEN_VARIABLES = ("CRASHFLOW_GITHUB_TOKEN", "GITHUB_TOKEN")
"""Where the token of a forge is looked for, in this order, unless a block is named."""

PullRequestState = Literal["draft", "open", "merged", "closed"]


@dataclass(frozen=True, kw_only=True)
class PullRequestDraft:
    """A pull request to be opened. ``body`` is Markdown; an approval will bind to ``head_commit``."""

    title: str
    body: str
    branch: str
    base: str
    head_commit: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PullRequestReference:
    """
    Where a pull request can be found, and how it stands; it is a draft until a person marks it ready.

    ``head_commit`` is what the forge has under its branch now. ``notes`` are sentences on what could not be done beside
    the pull request itself, such as a label that the token may not make.
    """

    url: str
    number: int
    state: PullRequestState
    head_commit: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Say whether it still waits for its merge, as a draft or ready."""
        return self.state in ("draft", "open")


class Forge(Protocol):
    """A place that keeps pull requests. Every call raises FixError where the forge refuses or can't be reached."""

    def open_draft(self, draft: PullRequestDraft) -> PullRequestReference:
        """
        Open a draft, or bring the open one of the same branch up to date: a branch never has two.

        Raises:
            FixError: the branch had a pull request that is closed or merged; it is not opened again.
        """

    def find(self, branch: str) -> PullRequestReference | None:
        """Return the pull request of a branch, the open one before those that ended, or None."""

    def comment(self, branch: str, text: str) -> None:
        """Write a comment, as Markdown, under the pull request of a branch."""

    def mark_ready(self, branch: str) -> None:
        """Take the mark of a draft from the open pull request of a branch."""

    def close(self, branch: str, comment: str) -> bool:
        """Close the open pull request of a branch with a comment; return False where there is none."""
