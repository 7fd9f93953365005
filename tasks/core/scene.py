"""What a hypothesis is made from: the crash with the names that its signature gave it, and the words for its places."""

from dataclasses import dataclass

from tasks.core.crash import Crash, Frame, Thread
from tasks.core.frames import base_name
from tasks.core.names import normalise
from tasks.core.signature import SignatureResult

FRAMES_READ = 64
_NAME_LIMIT = 160
_FILE_LIMIT = 80
_MESSAGE_LIMIT = 300


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What probably happened, as a category and a sentence, and what to do; ``reason`` is for the category."""

    category: str
    hypothesis: str
    suggestions: tuple[str, ...]
    reason: str


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A crash and its signature."""

    crash: Crash
    signature: SignatureResult

    @property
    def in_app(self) -> tuple[str, ...]:
        """The names of all frames of ours, innermost first."""
        return self.signature.in_app

    @property
    def frame(self) -> Frame | None:
        """The frame at which the crash is located."""
        return self.signature.location.frame if self.signature.location else None

    @property
    def is_symbolised(self) -> bool:
        """True where the location has the name of a function or a file."""
        return self.frame is not None and bool(self.frame.function or self.frame.file)

    @property
    def name(self) -> str:
        """The function at which the crash is located, fit for a sentence."""
        if self.signature.location:
            return shorten(self.signature.location.name, _NAME_LIMIT)
        return "code without symbols" if self.crash.frames else "code that the report does not name"

    @property
    def message(self) -> str | None:
        """What the program said of its end, on one line."""
        message = self.crash.exception.message
        return shorten(" ".join(message.split()), _MESSAGE_LIMIT) if message else None

    @property
    def place(self) -> str:
        """The function with its file and line."""
        return self.name + _at(self.frame)

    @property
    def caller(self) -> Frame | None:
        """The next frame of ours below the location, of another function."""
        if self.signature.location is None or not self.signature.location.is_ours:
            return None
        names = set(self.in_app) - {self.signature.location.name}
        below = self.crash.frames[self._position + 1 :][:FRAMES_READ] if self.frame else ()
        return next((frame for frame in below if frame.function and normalise(frame.function) in names), None)

    @property
    def names_above(self) -> tuple[str, ...]:
        """The functions from the top of the stack down to the location, normalised."""
        frames = self.crash.frames[: self._position + 1] if self.frame else self.crash.frames
        return tuple(normalise(frame.function) for frame in frames[:FRAMES_READ] if frame.function)

    @property
    def owner(self) -> str | None:
        """The class whose member the location is, where its name looks like one."""
        scope = self.name.rpartition("::")[0].rpartition("::")[2] if self.is_symbolised else ""
        return scope if scope[:1].isupper() else None

    @property
    def others(self) -> tuple[Thread, ...]:
        """The threads that did not crash."""
        return tuple(thread for thread in self.crash.threads if not thread.is_crashed)

    def called_by(self, otherwise: str) -> str:
        """Return the caller with its place, or other words where the stack names none."""
        caller = self.caller
        return place_of(caller) if caller else otherwise

    @property
    def _position(self) -> int:
        return next((i for i, frame in enumerate(self.crash.frames) if frame is self.frame), 0)


def place_of(frame: Frame) -> str:
    """Return a frame's function with its file and line, fit for a sentence."""
    return (shorten(normalise(frame.function), _NAME_LIMIT) if frame.function else "unknown code") + _at(frame)


def shorten(text: str, limit: int) -> str:
    """Cut a text that is longer than the limit, and show that it was cut."""
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _at(frame: Frame | None) -> str:
    if frame is None or not frame.file:
        return ""
    line = f":{frame.line}" if frame.line else ""
    return f" ({shorten(base_name(frame.file), _FILE_LIMIT)}{line})"
