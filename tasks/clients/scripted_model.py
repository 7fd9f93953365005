"""
A model that follows a script, behind the Messages API: for the demo, and for tests of everything around a model.

It answers ``POST /v1/messages`` on the loopback as the API does, streamed or whole, so that the real SDK talks to it.
Format: "Messages" and "Streaming messages" of Anthropic's API reference.
"""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = Mapping[str, Any]

_PATH = "/v1/messages"
_TOKENS_OF_CHARACTERS = 4
"""So many characters are told as one token: the script counts as a model would, roughly."""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """
    One reply: a text, and calls of tools as name and arguments.

    ``status`` other than 200 is an error with ``text`` as its message; ``is_cut`` breaks the stream off in its middle.
    """

    text: str = ""
    calls: Sequence[tuple[str, Mapping[str, Any]]] = ()
    stop_reason: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    is_cut: bool = False


Script = Callable[[Body], Turn]
"""What the model says to a request: the whole conversation is in it."""


@dataclass(kw_only=True)
class ScriptedModel:
    """A running model: its address, and every request that it was sent."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """Say nothing of a caller that was killed or lost its patience."""


@contextlib.contextmanager
def serve(script: Script) -> Iterator[ScriptedModel]:
    """Answer by a script for the block."""
    model = ScriptedModel(url="")
    with _Server(("127.0.0.1", 0), _handler(script, model)) as server:
        model.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield model
        server.shutdown()


def turns_behind(body: Body) -> int:
    """Return how many replies of the model a conversation holds already."""
    return sum(message["role"] == "assistant" for message in body["messages"])


def text_of(body: Body, place: int) -> str:
    """Return the text of one message of a conversation, the first being 0 and the last -1."""
    content = body["messages"][place]["content"]
    if isinstance(content, str):
        return content
    return "\n".join(str(block.get("text") or block.get("content") or "") for block in content)


def _handler(script: Script, model: ScriptedModel) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            if self.path.partition("?")[0] != _PATH or not (
                self.headers.get("Authorization") or self.headers.get("x-api-key")
            ):
                self._whole(404, _error("not_found_error", "Not found"), {})
                return
            model.requests.append(body)
            turn = script(body)
            if turn.status != 200:
                self._whole(turn.status, _error("api_error", turn.text), turn.headers)
                return
            message = _message(body, turn, len(model.requests))
            if body.get("stream"):
                self._streamed(message, is_cut=turn.is_cut)
            else:
                self._whole(200, message, turn.headers)

        def _whole(self, status: int, value: Mapping[str, Any], headers: Mapping[str, str]) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            for name, text in {
                "Content-Type": "application/json",
                "Content-Length": str(len(content)),
                **headers,
            }.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(content)

        def _streamed(self, message: Mapping[str, Any], *, is_cut: bool) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            events = list(_events(message))
            for event in events[: len(events) // 2] if is_cut else events:
                self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
                self.wfile.flush()
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


def _message(body: Body, turn: Turn, number: int) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": turn.text}] if turn.text else []
    content += [
        {"type": "tool_use", "id": f"toolu_{number}_{place}", "name": name, "input": dict(arguments)}
        for place, (name, arguments) in enumerate(turn.calls)
    ]
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": content,
        "stop_reason": turn.stop_reason or ("tool_use" if turn.calls else "end_turn"),
        "stop_sequence": None,
        "usage": {
            "input_tokens": len(json.dumps(body["messages"])) // _TOKENS_OF_CHARACTERS,
            "output_tokens": max(1, len(json.dumps(content)) // _TOKENS_OF_CHARACTERS),
            "cache_read_input_tokens": 0,
            "cache_creation_input_tokens": 0,
        },
    }


def _events(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a message as the events of its stream: begun, block by block, with its end and its tokens."""
    usage = message["usage"]
    yield {
        "type": "message_start",
        "message": {**message, "content": [], "stop_reason": None, "usage": usage | {"output_tokens": 1}},
    }
    for index, block in enumerate(message["content"]):
        is_text = block["type"] == "text"
        begun = {"type": "text", "text": ""} if is_text else {**block, "input": {}}
        text = block["text"] if is_text else json.dumps(block["input"])
        yield {"type": "content_block_start", "index": index, "content_block": begun}
        half = len(text) // 2
        for part in (text[:half], text[half:]):
            delta = (
                {"type": "text_delta", "text": part} if is_text else {"type": "input_json_delta", "partial_json": part}
            )
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": message["stop_reason"], "stop_sequence": None},
        "usage": {"output_tokens": usage["output_tokens"]},
    }
    yield {"type": "message_stop"}


def _error(kind: str, text: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": text}}
