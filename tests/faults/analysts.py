"""Analysts that fail in every way they can: what each says, for the demo's novel crash."""

import json
import subprocess
import time
from collections.abc import Callable
from typing import Any

from deployments import demo_model
from tasks.clients.scripted_model import Body, Script, Turn, turns_behind

_ASSERTED = "src/server/game/Maps/Map.cpp"
NO_WAIT = {"retry-after": "0"}


def refusing(status: int) -> Script:
    """An API that answers every call with an error."""
    return lambda _: Turn(status=status, text="busy", headers=NO_WAIT)


def cutting(_: Body) -> Turn:
    """An API whose every stream breaks off."""
    return Turn(text="I look at it.", is_cut=True)


def sleeping(_: Body) -> Turn:
    """An API that does not answer in time."""
    time.sleep(3)
    return Turn(text="late")


def saying(text: str, *, stop_reason: str | None = None) -> Script:
    """A model that says the same whatever it is told."""
    return lambda _: Turn(text=text, stop_reason=stop_reason)


def answering(**changes: Any) -> Script:
    """A model whose answer is the right one, but for some of its fields."""

    def script(body: Body) -> Turn:
        if "Another analyst proposes" in json.dumps(body["messages"][0]):
            return demo_model.script(body)
        return Turn(text=json.dumps(json.loads(_right(body)) | changes))

    return script


def editing(old: str, new: str, path: str = demo_model.FILE) -> Script:
    """A model whose answer is one edit of its own."""
    return answering(edits=[{"path": path, "old": old, "new": new}])


def killing(find: Callable[[], str]) -> Script:
    """A model in whose third reply the run is killed, once."""
    killed: list[int] = []

    def script(body: Body) -> Turn:
        if turns_behind(body) == 2 and not killed:
            killed.append(1)
            subprocess.run(["pkill", "-9", "-f", find()], check=False)
        return demo_model.script(body)

    return script


def deleting_the_assertion() -> Script:
    """A model that takes the assertion away, and does so again when it is asked."""
    return editing("    ASSERT(!player->IsInWorld());\n    m_mapRefManager", "    m_mapRefManager", path=_ASSERTED)


def _right(body: Body) -> str:
    done = [{"role": "assistant", "content": ""}] * 4
    return demo_model.script({"messages": [body["messages"][0], *done]}).text
