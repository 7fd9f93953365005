"""What GitHub means when it refuses: one sentence for a person, who learns from it what to do."""

import math
from typing import Any

import github

from tasks.clients.forge import TOKEN_VARIABLES
from tasks.core import markdown
from tasks.core.configuration import ForgeSettings

_NO_DRAFTS = "draft pull requests are not supported"
_WORDS_LIMIT = 300


def already_exists(error: github.GithubException) -> bool:
    """Say whether what was to be made is there: a pull request of the branch, or a label."""
    return "already exists" in _words(error).lower() or any(
        entry.get("code") == "already_exists" for entry in _entries(error)
    )


def has_no_drafts(error: github.GithubException) -> bool:
    """Say whether the repository has no drafts, as private ones of free accounts."""
    return _NO_DRAFTS in _words(error).lower()


def explain(error: github.GithubException, *, what: str, settings: ForgeSettings, wait_s: float | None) -> str:
    """
    Return why GitHub refused and what helps.

    ``what`` is the right that was missed, as "open pull requests"; ``wait_s`` the seconds after which GitHub would
    answer again, where it would.
    """
    said = f"{error.status}: {_words(error)}"
    repository = f"{settings.repository} at {settings.url}"
    if error.status >= 500:
        return f"GitHub does not answer for {repository} ({said}); see its status page, and try again later."
    if wait_s is not None:
        return (
            f"GitHub limits how often {repository} may be asked ({said}); it answers again in {math.ceil(wait_s)} s, "
            "which is too long to wait here, so try again then."
        )
    if error.status == 403:
        return _explain_forbidden(error, what, repository, said, settings)
    if error.status == 422:
        return _explain_invalid(error, repository, said, settings)
    missing = (
        f"GitHub shows no {repository} to this token when it is to {what} ({said}): check [forge] repository, "
        f"and that the token in {token_place(settings)} is for it."
    )
    sentences = {
        401: f"GitHub does not accept the token ({said}): make a new one and put it into {token_place(settings)}.",
        404: missing,
        410: missing,
    }
    return sentences.get(error.status, f"GitHub refuses to {what} in {repository} ({said}).")


def token_place(settings: ForgeSettings) -> str:
    """Say where the token of this installation is kept."""
    return f"the Prefect block secret/{settings.token_block}" if settings.token_block else TOKEN_VARIABLES[0]


def _explain_forbidden(
    error: github.GithubException, what: str, repository: str, said: str, settings: ForgeSettings
) -> str:
    headers = {name.lower() for name in error.headers or {}}
    if "x-github-sso" in headers:
        return (
            f"The organisation of {repository} wants the token to be authorised for its single sign-on ({said}): "
            "do so at GitHub, under Developer settings, Personal access tokens."
        )
    if "archived" in said.lower():
        return f"{repository} is archived, so nothing can be written there ({said}); name another repository."
    return (
        f"The token may not {what} in {repository} ({said}): give the one in {token_place(settings)} the permissions "
        "Contents and Pull requests, read and write, for this repository."
    )


def _explain_invalid(error: github.GithubException, repository: str, said: str, settings: ForgeSettings) -> str:
    if has_no_drafts(error):
        return (
            f"{repository} has no draft pull requests ({said}): make it public or take a plan that has them, or set "
            '[forge] drafts = "where possible" to open it as a plain one, marked in words and labels.'
        )
    fields = {str(entry.get("field")) for entry in _entries(error)}
    if "No commits between" in said:
        return f"The branch has nothing that its base in {repository} has not ({said}): it was merged or emptied."
    if "head" in fields:
        return (
            f"GitHub does not find the branch under {settings.owner} ({said}): the remote of [server.source] must be "
            f"{repository}, or its fork with [forge] head_owner."
        )
    if "base" in fields:
        return f"{repository} has no such base branch ({said}): correct base_branch in [server.source]."
    return f"GitHub takes the pull request for {repository} not as it is ({said}); correct what it names."


def _words(error: github.GithubException) -> str:
    """Return what GitHub said, in one redacted line."""
    message = error.data.get("message", "") if isinstance(error.data, dict) else ""
    parts = [str(message), *(str(entry.get("message") or _field(entry)) for entry in _entries(error))]
    spoken = "; ".join(part for part in parts if part) or "no reason given"
    return markdown.one_line(spoken, limit=_WORDS_LIMIT).rstrip(".")


def _field(entry: dict[str, Any]) -> str:
    return " ".join(str(entry[key]) for key in ("resource", "field", "code") if entry.get(key))


def _entries(error: github.GithubException) -> list[dict[str, Any]]:
    """Return the entries of a failed validation, which are objects or, in places, plain texts."""
    errors = error.data.get("errors") if isinstance(error.data, dict) else None
    if not isinstance(errors, list):
        return [{"message": errors}] if isinstance(errors, str) else []
    return [entry if isinstance(entry, dict) else {"message": str(entry)} for entry in errors]
