"""
The forge that is GitHub, or a GitHub Enterprise Server, through PyGithub.

The calls are those of GitHub's published description (github/rest-api-description): list, create and update pull
requests, get and create labels, add labels, create a comment; and of its GraphQL the two mutations that make a draft
and mark it ready, which REST lacks.
"""

from contextlib import suppress
from dataclasses import replace
from itertools import islice
from urllib.parse import urlsplit

import github
from github.PullRequest import PullRequest
from pydantic import SecretStr

from tasks.clients.forge import PullRequestDraft, PullRequestReference, PullRequestState
from tasks.clients.github_calls import Calls, MissingError, Patience, RefusedError
from tasks.clients.github_refusals import already_exists, has_no_drafts
from tasks.core.configuration import ForgeSettings
from tasks.core.errors import FixError

TIMEOUT_S = 30
LISTED = 100
"""Pull requests of one branch that are looked at."""

LABELS = {
    "automated-fix": ("5319e7", "Made by a program; read it as such"),
    "crash-fix": ("d73a4a", "Repairs a crash"),
    "needs-review": ("fbca04", "Waits for a person's decision"),
}
"""Colour and description of the labels that are made where they are missing; at most 100 characters."""
_PLAIN_LABEL = ("ededed", "")

_NO_DRAFT_NOTE = "This repository has no drafts: do not merge before a person has approved it."


def api_address(url: str) -> str:
    """Return the address of the REST API that belongs to the address of the web pages."""
    address = urlsplit(url)
    host = address.hostname or ""
    if host in ("github.com", "www.github.com"):
        return "https://api.github.com"
    if host.endswith(".ghe.com"):
        return f"https://api.{host}"
    return f"{url.rstrip('/')}/api/v3"


class GitHubForge:
    """
    The pull requests of one repository.

    Raises:
        FixError: from each call, where GitHub refuses, stays away, or asks for more patience than there is.
    """

    def __init__(self, settings: ForgeSettings, token: SecretStr, patience: Patience | None = None) -> None:
        self._settings = settings
        chosen = patience or Patience()
        self._calls = Calls(settings, chosen)
        client = github.Github(
            base_url=api_address(settings.url),
            auth=github.Auth.Token(token.get_secret_value()),
            timeout=TIMEOUT_S,
            # Repeating is done here: PyGithub's own waits have no upper bound, and it does not know 429.
            retry=None,
            seconds_between_requests=chosen.pause_s / 4,
            seconds_between_writes=chosen.pause_s,
            user_agent="crashflow",
            lazy=True,
        )
        self._repository = client.get_repo(settings.repository or "")

    def may_push(self) -> bool:
        """
        Say whether the token may write to the repository.

        Raises:
            FixError: GitHub refuses, or does not answer.
        """
        repository = self._calls.ask("read the repository", self._repository.complete)
        return bool(repository.permissions.push)

    def open_draft(self, draft: PullRequestDraft) -> PullRequestReference:
        """
        Open a draft, or bring the open pull request of its branch up to date.

        Where a person marked it ready and the head commit is another now, it becomes a draft again.

        Raises:
            FixError: the branch's pull request was closed or merged, or GitHub refuses.
        """
        known = self._newest(draft.branch)
        if known is not None and not _reference(known).is_open:
            raise FixError(
                f"Pull request {known.html_url} of {draft.branch} is {_reference(known).state} and is not opened "
                "again; another fix of the defect gets a branch of its own."
            )
        if known is not None:
            return self._update(known, draft)
        return self._create(draft)

    def find(self, branch: str) -> PullRequestReference | None:
        """Return the pull request of a branch, the open one before those that ended, or None."""
        known = self._newest(branch)
        return _reference(known) if known else None

    def comment(self, branch: str, text: str) -> None:
        """
        Write a comment under the pull request of a branch.

        Raises:
            FixError: there is none, or GitHub refuses.
        """
        pull = self._require(branch)
        self._calls.ask("comment on pull requests", lambda: pull.create_issue_comment(text))

    def mark_ready(self, branch: str) -> None:
        """
        Take the mark of a draft from the pull request of a branch.

        Raises:
            FixError: there is none, or GitHub refuses.
        """
        pull = self._require(branch)
        if pull.draft:
            self._calls.ask("mark pull requests as ready", pull.mark_ready_for_review)

    def close(self, branch: str, comment: str) -> bool:
        """
        Comment on the open pull request of a branch and close it; return False where there is none.

        Raises:
            FixError: GitHub refuses.
        """
        pull = self._newest(branch)
        if pull is None or not _reference(pull).is_open:
            return False
        self._calls.ask("comment on pull requests", lambda: pull.create_issue_comment(comment))
        self._calls.ask("close pull requests", lambda: pull.edit(state="closed"))
        return True

    def _create(self, draft: PullRequestDraft) -> PullRequestReference:
        try:
            pull = self._calls.ask("open pull requests", lambda: self._open(draft, is_draft=True))
        except RefusedError as refusal:
            if has_no_drafts(refusal.refusal) and self._settings.drafts == "where possible":
                pull = self._calls.ask("open pull requests", lambda: self._open(draft, is_draft=False))
                return self._labelled(pull, draft.labels, (_NO_DRAFT_NOTE,))
            # An answer that got lost, or another run, made it meanwhile.
            known = self._newest(draft.branch) if already_exists(refusal.refusal) else None
            if known is None or not _reference(known).is_open:
                raise
            return self._update(known, draft)
        return self._labelled(pull, draft.labels)

    def _open(self, draft: PullRequestDraft, *, is_draft: bool) -> PullRequest:
        return self._repository.create_pull(
            base=draft.base,
            head=f"{self._settings.owner}:{draft.branch}",
            title=draft.title,
            body=draft.body if is_draft else f"{_NO_DRAFT_NOTE}\n\n{draft.body}",
            draft=is_draft,
        )

    def _update(self, pull: PullRequest, draft: PullRequestDraft) -> PullRequestReference:
        notes: tuple[str, ...] = ()
        is_same_head = draft.head_commit in (pull.body or "")
        if not pull.draft and not is_same_head:
            try:
                self._calls.ask("make drafts of pull requests", pull.convert_to_draft)
            except FixError as error:
                notes = (f"It was marked ready for an earlier commit and could not be made a draft again: {error}",)
        if (pull.title, pull.body or "", pull.base.ref) != (draft.title, draft.body, draft.base):
            self._calls.ask(
                "update pull requests", lambda: pull.edit(title=draft.title, body=draft.body, base=draft.base)
            )
        return self._labelled(pull, draft.labels, notes)

    def _labelled(
        self, pull: PullRequest, labels: tuple[str, ...], notes: tuple[str, ...] = ()
    ) -> PullRequestReference:
        """A pull request without a label is still one: what GitHub refuses here is told, and stops nothing."""
        reference = _reference(pull)
        there = {label.name.lower() for label in pull.labels}
        missing = [label for label in labels if label.lower() not in there]
        if not missing:
            return replace(reference, notes=notes)
        try:
            for label in missing:
                self._ensure_label(label)
            self._calls.ask("label pull requests", lambda: pull.add_to_labels(*missing))
        except FixError as error:
            notes = (*notes, f"It has not the labels {', '.join(missing)}: {error}")
        return replace(reference, notes=notes)

    def _ensure_label(self, name: str) -> None:
        with suppress(MissingError):
            self._calls.ask("read labels", lambda: self._repository.get_label(name).complete())
            return
        colour, description = LABELS.get(name, _PLAIN_LABEL)
        try:
            self._calls.ask("make labels", lambda: self._repository.create_label(name, colour, description))
        except RefusedError as refusal:
            if not already_exists(refusal.refusal):
                raise

    def _require(self, branch: str) -> PullRequest:
        known = self._newest(branch)
        if known is None:
            raise FixError(f"{self._settings.repository} has no pull request of {branch}.")
        return known

    def _newest(self, branch: str) -> PullRequest | None:
        """Return the pull request of a branch: GitHub lists the newest first, an open one goes before closed ones."""
        head = f"{self._settings.owner}:{branch}"
        listed = self._calls.ask(
            "list pull requests", lambda: list(islice(self._repository.get_pulls(state="all", head=head), LISTED))
        )
        # A filter that GitHub does not understand filters nothing.
        ours = [pull for pull in listed if (pull.head.label or "").lower() == head.lower()]
        return next((pull for pull in ours if pull.state == "open"), ours[0] if ours else None)


def _reference(pull: PullRequest) -> PullRequestReference:
    ended: PullRequestState = "closed" if pull.merged_at is None else "merged"
    waiting: PullRequestState = "draft" if pull.draft else "open"
    return PullRequestReference(
        url=pull.html_url,
        number=pull.number,
        state=waiting if pull.state == "open" else ended,
        head_commit=pull.head.sha,
    )
