"""What crashflow asks of a forge, whichever it is: a draft pull request for a branch that is already pushed."""

from dataclasses import dataclass
from typing import Protocol


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
    """Where a pull request can be found; ``is_draft`` until a person marks it ready."""

    url: str
    number: int
    is_draft: bool


class Forge(Protocol):
    """A place that keeps pull requests."""

    def open_draft(self, draft: PullRequestDraft) -> PullRequestReference:
        """
        Open a draft, or bring the one of the same branch up to date: a branch never has two.

        Raises:
            FixError: the forge refuses or can't be reached.
        """

    def find(self, branch: str) -> PullRequestReference | None:
        """Return the pull request of a branch, or None."""
