"""
The analyst's answer: what every back-end must give, and how it becomes source edits.

An answer is data. It names root cause and evidence, and edits that a deterministic applier writes, or it abstains and
says what is missing. What it claims about itself, as its confidence, is not read. The two response forms of the system
that crashflow replaces are read as well.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tasks.core import edits
from tasks.core.analysis import REQUEST_ID
from tasks.core.edits import SourceEdit
from tasks.core.errors import AnswerError, EditError
from tasks.core.hierarchy import Level

EDITS_LIMIT = 40
TEXT_LIMIT = 200_000
"""Characters of one text of an answer."""

_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)\n```", re.DOTALL)
_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@")


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


Text = Annotated[str, Field(max_length=TEXT_LIMIT)]
Texts = Annotated[tuple[Text, ...], Field(max_length=200)]


class Research(_Value):
    """What the analyst looked up before it decided."""

    apis: Texts = ()
    existing_features: Texts = ()
    pitfalls: Texts = ()
    similar_fixes: Texts = ()
    sources: Texts = ()


class AnswerEdit(_Value):
    """Replace ``old``, which stands exactly once in the file, by ``new``; an empty ``old`` makes a new file."""

    path: Text
    old: Text
    new: Text


class Answer(_Value):
    """One answer: a ``fix`` has edits; one that is to ``abstain`` has none, and ``missing`` says what it lacked."""

    request_id: Annotated[str, Field(pattern=REQUEST_ID)]
    outcome: Literal["fix", "abstain"]
    root_cause: Text
    evidence: Texts = ()
    execution_path: Texts = ()
    research: Research = Research()
    strategy: Text = ""
    hierarchy_level: Level = "core"
    edits: Annotated[tuple[AnswerEdit, ...], Field(max_length=EDITS_LIMIT)] = ()
    tests_to_add: Texts = ()
    what_could_be_wrong: Texts = ()
    missing: Texts = ()

    @property
    def explanation(self) -> str:
        """What commit and pull request say of the patch, in paragraphs."""
        parts = [self.strategy, *(f"Could be wrong: {risk}" for risk in self.what_could_be_wrong)]
        return "\n\n".join(part.strip() for part in parts if part.strip())


def parse(text: str, *, request_id: str) -> Answer:
    """
    Read an answer: bare JSON, or the one JSON object in a fenced block of a longer text.

    Raises:
        AnswerError: it is no JSON, lacks a field, belongs to another request, or promises a fix without an edit.
    """
    value = _object(text)
    answer = _answer(_converted(value, request_id))
    if answer.request_id != request_id:
        raise AnswerError(f"The answer is for request {answer.request_id}, not for {request_id}.")
    if answer.outcome == "fix" and not answer.edits:
        raise AnswerError("The answer promises a fix and holds no edit: give the edits, or abstain and say why.")
    return answer


def to_source_edits(answer: Answer, read: Callable[[str], bytes | None]) -> tuple[SourceEdit, ...]:
    """
    Turn the edits of an answer into bytes of the files that ``read`` gives.

    The analyst saw text: its edits get the encoding and the line ends of their file back.

    Raises:
        EditError: a path leaves the tree, a file is not there, or a text has characters that its file can't hold.
    """
    return tuple(_source_edit(edit, read) for edit in answer.edits)


def as_text(content: bytes) -> tuple[str, str]:
    """Return a source file as text, with its encoding: UTF-8, or latin1, which takes any bytes."""
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "latin-1"


def _source_edit(edit: AnswerEdit, read: Callable[[str], bytes | None]) -> SourceEdit:
    edits.check_path(edit.path)
    content = read(edit.path)
    if content is None:
        raise EditError(f"{edit.path[:200]!r} is no file of the commit that was analysed: name one that is there.")
    text, encoding = as_text(content)
    old, new = edit.old, edit.new
    if "\r\n" in text and old.replace("\r\n", "\n") not in text:
        old, new = (part.replace("\r\n", "\n").replace("\n", "\r\n") for part in (old, new))
    try:
        return SourceEdit(path=edit.path, old=old.encode(encoding), new=new.encode(encoding))
    except UnicodeEncodeError as error:
        raise EditError(
            f"An edit of {edit.path} holds {error.object[error.start : error.end]!r}, which its encoding {encoding} has"
            " not: write it another way."
        ) from error


def _object(text: str) -> Mapping[str, Any]:
    for candidate in (text, *_FENCE.findall(text), text[text.find("{") : text.rfind("}") + 1]):
        try:
            value = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    raise AnswerError("The answer is no JSON object: give exactly one, in the form that was asked for.")


def _answer(value: Mapping[str, Any]) -> Answer:
    try:
        return Answer.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the answer"
        raise AnswerError(f"The answer has not the form that was asked for; {place}: {first['msg']}.") from error


def _converted(value: Mapping[str, Any], request_id: str) -> Mapping[str, Any]:
    """Return an answer in our form, whichever of the three it came in."""
    if "outcome" in value:
        return value
    if "fix_strategy" in value:
        return _from_first_form(value)
    if "analysis_complete" in value or "crash_analysis" in value:
        return _from_second_form(value, request_id)
    return value


def _from_first_form(value: Mapping[str, Any]) -> dict[str, Any]:
    """``fix_content`` is a patch, or words: of words no edit can be made."""
    strategy = _table(value, "fix_strategy")
    made = _edits_of_patch(_string(value, "fix_content"))
    return {
        "request_id": _string(value, "request_id"),
        "outcome": "fix" if made else "abstain",
        "root_cause": _string(strategy, "rationale") or _string(strategy, "approach"),
        "strategy": _string(strategy, "approach"),
        "hierarchy_level": _level(_string(strategy, "hierarchy_level")),
        "edits": made,
        "research": {
            "apis": _texts(_table(value, "trinity_api_analysis")),
            "existing_features": _texts(_table(value, "playerbot_feature_analysis")),
            "sources": _texts(value.get("resources_used")),
        },
        "missing": [] if made else ["fix_content holds no patch whose lines could be found again in the source."],
    }


def _from_second_form(value: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    """Its only change is one text ``before`` and one ``after``, of the first file that it says is modified."""
    analysis, fix = _table(value, "crash_analysis"), _table(value, "fix")
    cause, change = _table(analysis, "root_cause"), _table(fix, "code_changes")
    files = fix.get("files_modified")
    paths = [_string(file, "path") for file in files if isinstance(file, Mapping)] if isinstance(files, list) else []
    before, after = _string(change, "before"), _string(change, "after")
    is_fix = bool(paths and before and after and before != after)
    return {
        "request_id": _string(value, "request_id") or request_id,
        "outcome": "fix" if is_fix else "abstain",
        "root_cause": "\n\n".join(
            part for part in (_string(cause, "summary"), _string(cause, "technical_details")) if part
        ),
        "execution_path": _texts(cause.get("execution_path")),
        "strategy": _string(fix, "strategy") or _string(fix, "justification"),
        "edits": [{"path": paths[0], "old": before, "new": after}] if is_fix else [],
        "tests_to_add": _texts(fix.get("testing_recommendations")),
        "missing": [] if is_fix else ["code_changes has no text before and after for a file that it names."],
    }


def _edits_of_patch(text: str) -> list[dict[str, str]]:
    """Return one edit for each hunk of a unified diff: the lines that it finds, and those that it leaves."""
    found: list[dict[str, str]] = []
    path, old, new = "", list[str](), list[str]()

    def close() -> None:
        if path and old != new:
            found.append({"path": path, "old": "".join(old), "new": "".join(new)})
        old.clear()
        new.clear()

    is_hunk = False
    for line in text.splitlines(keepends=True):
        if line.startswith("+++ "):
            close()
            path, is_hunk = line[4:].split("\t")[0].strip().removeprefix("b/"), False
        elif line.startswith(("--- ", "diff ")):
            close()
            is_hunk = False
        elif _HUNK.match(line):
            close()
            is_hunk = True
        elif is_hunk and line[:1] in "+- ":
            if line[0] != "+":
                old.append(line[1:])
            if line[0] != "-":
                new.append(line[1:])
    close()
    return found


def _level(text: str) -> str:
    folded = text.lower().replace("_", " ")
    return next((level for level in ("extension point", "hook", "module only") if level.split()[0] in folded), "core")


def _table(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


def _string(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""


def _texts(value: Any) -> list[str]:
    """Return what old answers hold in lists, tables and texts of any shape, as texts."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [each if isinstance(each, str) else json.dumps(each) for each in value]
    if isinstance(value, Mapping):
        return [f"{key}: {each if isinstance(each, str) else json.dumps(each)}" for key, each in value.items()]
    return []
