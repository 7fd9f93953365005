"""
Calls of GitHub that are made again where that helps, and become one sentence where it does not.

Waiting follows GitHub's rules for rate limits: as long as ``Retry-After`` says, else until ``X-RateLimit-Reset`` where
nothing remains, else a minute that doubles. The sum of all waits is bounded.
"""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import github
import requests

from tasks.clients.github_refusals import explain
from tasks.core.configuration import ForgeSettings
from tasks.core.errors import FixError

Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class Patience:
    """
    How long one call may be repeated, in seconds.

    ``total_s`` is the sum of all waits; ``server_s`` is the first wait after an error of the server or the network, and
    ``limit_s`` the first after a rate limit that names no time; both double. ``pause_s`` stands between two writes.
    """

    total_s: float = 180.0
    server_s: float = 2.0
    limit_s: float = 60.0
    pause_s: float = 1.0


class MissingError(FixError):
    """GitHub has not what was asked for, or does not show it."""


class RefusedError(FixError):
    """GitHub understood and refused; ``refusal`` is what it said."""

    def __init__(self, sentence: str, refusal: github.GithubException) -> None:
        super().__init__(sentence)
        self.refusal = refusal


class Calls:
    """The way to one GitHub."""

    def __init__(self, settings: ForgeSettings, patience: Patience) -> None:
        self._settings = settings
        self._patience = patience

    def ask(self, what: str, call: Callable[[], Answer]) -> Answer:
        """
        Make a call, and again after a while where GitHub or the network asks for it.

        ``what`` is the right that it needs, for the sentence of a refusal: "open pull requests".

        Raises:
            MissingError: GitHub says 404.
            RefusedError: GitHub says 422.
            FixError: any other refusal, or more waiting than there is patience for.
        """
        waited = 0.0
        for attempt in itertools.count():
            try:
                return call()
            except github.GithubException as error:
                wait = self._wait(error, attempt)
                if wait is None or waited + wait > self._patience.total_s:
                    raise self._refusal(error, what, wait) from error
            except requests.RequestException as error:
                wait = self._patience.server_s * 2**attempt
                if waited + wait > self._patience.total_s:
                    where = self._settings.url
                    raise FixError(f"{where} can't be reached ({type(error).__name__}); try again later.") from error
            except (AssertionError, RuntimeError) as error:
                # PyGithub's ways of not following an answer to another host.
                raise FixError(
                    f"The server at {self._settings.url} names another host in its answers; correct [forge] url."
                ) from error
            time.sleep(wait)
            waited += wait
        raise AssertionError  # the waits double, so their sum is soon over any patience

    def _wait(self, error: github.GithubException, attempt: int) -> float | None:
        """Return after how many seconds the call may be made again; None where that would change nothing."""
        headers = {name.lower(): value for name, value in (error.headers or {}).items()}
        after = headers.get("retry-after", "")
        if error.status in (403, 429, 503) and after.isdigit():
            return float(after)
        if error.status in (403, 429) and headers.get("x-ratelimit-remaining") == "0":
            reset = headers.get("x-ratelimit-reset", "")
            # One second more: nobody says when in its second the limit is reset.
            left = float(reset) - datetime.now(tz=UTC).timestamp() + 1.0 if reset.isdigit() else self._patience.limit_s
            return max(left, 1.0)
        if error.status == 429 or (error.status == 403 and "rate limit" in str(error.data).lower()):
            return float(self._patience.limit_s * 2**attempt)
        return float(self._patience.server_s * 2**attempt) if error.status >= 500 else None

    def _refusal(self, error: github.GithubException, what: str, wait: float | None) -> FixError:
        sentence = explain(error, what=what, settings=self._settings, wait_s=wait)
        if error.status == 422:
            return RefusedError(sentence, error)
        return MissingError(sentence) if error.status == 404 else FixError(sentence)
