"""
A server on the loopback that speaks the part of GitHub's REST API that crashflow uses, to the real PyGithub.

It answers ``GET`` and ``POST /repos/{owner}/{repo}/pulls``, ``PATCH .../pulls/{number}``, ``GET .../labels/{name}``,
``POST .../labels``, ``POST .../issues/{number}/labels``, ``POST .../issues/{number}/comments`` and
``GET /repos/{owner}/{repo}``, and of the GraphQL API the mutations ``convertPullRequestToDraft`` and
``markPullRequestReadyForReview``. A request with another path, without its token or without a required field is
answered as GitHub answers it: 404, 401, 422.

Paths, required fields and status codes were compared by hand with GitHub's published description
(github/rest-api-description, descriptions-next/ghes-3.20/ghes-3.20.yaml at commit 00b7bf62):

- list pulls by state, head and base: 200, 304, 422; create with head and base required, and draft: 201, 403, 422;
- update title, body, state and base: 200, 403, 422;
- labels of a pull request, as an object or a list: 200, 301, 404, 410, 422; its comments, body required: 201, 403, 404,
  410, 422;
- a label by its name: 200, 404; a new one, name required and at most 100 characters of description: 201, 404, 422.

``markPullRequestReadyForReview``, its input and what it returns were compared with the published schema of GraphQL
(github/docs, src/graphql/data/ghes-3.16/schema-pulls.json at commit 38ca4518).

Not compared: ``GET /repos/{owner}/{repo}``, the other mutation, and the words in which drafts are refused.
"""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "token-for-tests-0123456789"
REPOSITORY = "guild/server"
_PREFIX = f"/api/v3/repos/{REPOSITORY}"
_NOT_FOUND = (404, {"message": "Not Found"})

Query = dict[str, list[str]]
Body = dict[str, Any]
Answer = tuple[int, Any]


@dataclass(frozen=True)
class Trouble:
    """What a call is answered instead, so many times."""

    status: int
    message: str
    headers: dict[str, str] = field(default_factory=dict)
    errors: tuple[Any, ...] = ()
    times: int = 1


class GitHub:
    """The server: what it keeps, what it was asked, and what shall go wrong."""

    def __init__(self) -> None:
        self.pulls: list[dict[str, Any]] = []
        self.labels: dict[str, dict[str, Any]] = {}
        self.comments: list[tuple[int, str]] = []
        self.asked: list[str] = []
        self.lost_answers = 0
        self._troubles: dict[str, list[Trouble]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def trouble(self, call: str, trouble: Trouble) -> None:
        """Let the next calls whose method and path end in ``call`` fail."""
        self._troubles.setdefault(call, []).extend([trouble] * trouble.times)

    def trouble_of(self, call: str) -> Trouble | None:
        for wanted, waiting in self._troubles.items():
            if waiting and re.search(wanted, call):
                return waiting.pop(0)
        return None

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: dict[str, Any]) -> tuple[int, Any]:
        if path.endswith("/graphql"):
            return self._mutate(body)
        if not path.startswith(_PREFIX):
            return _NOT_FOUND
        rest = path.removeprefix(_PREFIX)
        for wanted_method, wanted, serve in self._routes:
            found = re.fullmatch(wanted, rest) if method == wanted_method else None
            if found:
                return serve(unquote((found.groups() or ("",))[0]), query, body)
        return _NOT_FOUND

    @property
    def _routes(self) -> tuple[tuple[str, str, Callable[[str, Query, Body], Answer]], ...]:
        return (
            ("GET", "", lambda *_: (200, {"full_name": REPOSITORY, "permissions": {"push": True}, "url": self._root})),
            ("GET", "/pulls", lambda _, query, __: (200, self._of_head(query.get("head", [""])[0]))),
            ("POST", "/pulls", lambda _, __, body: self._open(body)),
            ("PATCH", r"/pulls/(\d+)", lambda number, _, body: self._change(int(number), body)),
            ("GET", "/labels/(.+)", lambda name, *_: self._known_label(name)),
            ("POST", "/labels", lambda _, __, body: self._make_label(body)),
            ("POST", r"/issues/(\d+)/labels", lambda number, _, body: self._label(int(number), body)),
            ("POST", r"/issues/(\d+)/comments", lambda number, _, body: self._comment(int(number), body)),
        )

    @property
    def _root(self) -> str:
        return f"{self.url}{_PREFIX}"

    def _of_head(self, head: str) -> list[dict[str, Any]]:
        return [pull for pull in reversed(self.pulls) if pull["head"]["label"] == head]

    def _known_label(self, name: str) -> Answer:
        known = self.labels.get(name.lower())
        return (200, known) if known else _NOT_FOUND

    def _comment(self, number: int, body: Body) -> Answer:
        self.comments.append((number, body["body"]))
        return 201, {"id": len(self.comments), "body": body["body"], "url": self.url}

    def _open(self, body: dict[str, Any]) -> tuple[int, Any]:
        if missing := [name for name in ("title", "head", "base") if not body.get(name)]:
            return _invalid(
                "Validation Failed", {"resource": "PullRequest", "field": missing[0], "code": "missing_field"}
            )
        if any(pull["head"]["label"] == body["head"] and pull["state"] == "open" for pull in self.pulls):
            message = f"A pull request already exists for {body['head']}."
            return _invalid("Validation Failed", {"resource": "PullRequest", "code": "custom", "message": message})
        number = len(self.pulls) + 1
        pull = {
            "number": number,
            "node_id": f"PR_{number}",
            "state": "open",
            "draft": bool(body.get("draft")),
            "title": body["title"],
            "body": body.get("body"),
            "merged_at": None,
            "labels": [],
            "html_url": f"{self.url}/{REPOSITORY}/pull/{number}",
            "url": f"{self.url}{_PREFIX}/pulls/{number}",
            "issue_url": f"{self.url}{_PREFIX}/issues/{number}",
            "head": {"label": body["head"], "ref": body["head"].partition(":")[2], "sha": "a" * 40},
            "base": {"label": f"guild:{body['base']}", "ref": body["base"], "sha": "b" * 40},
        }
        self.pulls.append(pull)
        return 201, pull

    def _change(self, number: int, body: dict[str, Any]) -> tuple[int, Any]:
        pull = self.pulls[number - 1]
        for name in ("title", "body", "state"):
            pull[name] = body.get(name, pull[name])
        return 200, pull

    def _make_label(self, body: dict[str, Any]) -> tuple[int, Any]:
        if not re.fullmatch(r"[0-9a-f]{6}", body.get("color", "")) or len(body.get("description", "")) > 100:
            return _invalid("Validation Failed", {"resource": "Label", "field": "color", "code": "invalid"})
        name = body["name"].lower()
        if name in self.labels:
            return _invalid("Validation Failed", {"resource": "Label", "field": "name", "code": "already_exists"})
        self.labels[name] = {**body, "url": f"{self.url}{_PREFIX}/labels/{name}"}
        return 201, self.labels[name]

    def _label(self, number: int, body: dict[str, Any]) -> tuple[int, Any]:
        names = body["labels"] if isinstance(body, dict) else body
        if unknown := [name for name in names if name.lower() not in self.labels]:
            return _invalid("Validation Failed", {"resource": "Label", "field": unknown[0], "code": "missing"})
        pull = self.pulls[number - 1]
        pull["labels"] += [self.labels[name.lower()] for name in names]
        return 200, pull["labels"]

    def _mutate(self, body: dict[str, Any]) -> tuple[int, Any]:
        text = json.dumps(body)
        found = re.search(r"PR_(\d+)", text)
        is_draft = {"convertPullRequestToDraft": True, "markPullRequestReadyForReview": False}
        name = next((name for name in is_draft if name in text), None)
        if found is None or name is None:
            return 200, {"errors": [{"message": "unknown mutation"}]}
        self.pulls[int(found[1]) - 1]["draft"] = is_draft[name]
        return 200, {"data": {name: {"clientMutationId": None, "pullRequest": {"isDraft": is_draft[name]}}}}


def _invalid(message: str, *errors: Any) -> tuple[int, Any]:
    return 422, {"message": message, "errors": list(errors)}


def _handler(github: GitHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size) or b"{}")
            address = urlsplit(self.path)
            call = f"{self.command} {address.path}"
            github.asked.append(call)
            trouble = github.trouble_of(call)
            headers: dict[str, str] = {}
            if trouble is not None:
                status, answer = trouble.status, {"message": trouble.message, "errors": list(trouble.errors)}
                headers = trouble.headers
            elif TOKEN not in (self.headers.get("Authorization") or ""):
                status, answer = 401, {"message": "Bad credentials", "errors": []}
            else:
                status, answer = github.answer(self.command, address.path, parse_qs(address.query), body)
            if github.lost_answers and self.command == "POST" and status == 201:
                github.lost_answers -= 1
                self.connection.close()
                return
            text = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(text)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = _serve  # noqa: N815  the names that http.server calls

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    return Handler
