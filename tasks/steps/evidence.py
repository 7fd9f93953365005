"""What an analyst gets beside the request: source around the frames, the other threads, what earlier fixes came to."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, select

from db import crashes, defects, fixes, models, reviews
from tasks.clients.conversation import Call, Tool
from tasks.clients.git import Repository
from tasks.core import answers, crash_report, reports, source_paths, symbols
from tasks.core.configuration import SourceSettings
from tasks.core.crash import Crash
from tasks.core.questions import Outcome, Snippet, Source
from tasks.steps.workspace import Workspace

SNIPPETS = 12
LINES_AROUND = 30
THREADS = 24
THREAD_FRAMES = 6
OUTCOMES = 10
LISTED = 10
SYMBOLS = 60
NAME_LIMIT = 300
BASE_LINES = 200
_NAME_FORM = "as a stack names it: Class::function, or the last part alone"


def source(crash: Crash, in_app: list[str], repository: Repository, base: str) -> Source:
    """Return the source around the frames in the commit of the crashed build, in ``base`` where that is not known."""
    crashed = crashed_commit(crash.build, repository, base)
    found = _snippets(crash, in_app, repository, crashed)
    if crashed == base:
        return Source(snippets=found, base=base)
    paths = sorted({snippet.path for snippet in found})
    changes = repository.patch(crashed, base, paths) if paths else b""
    return Source(snippets=found, base=base, crashed=crashed, changes=answers.as_text(changes)[0])


def crashed_commit(build: str | None, repository: Repository, base: str) -> str:
    """Return the commit of a build; where that is not known, the commit to be patched."""
    return repository.commit_of(build) or base


def _snippets(crash: Crash, in_app: list[str], repository: Repository, commit: str) -> tuple[Snippet, ...]:
    """Return the source of a commit around the crashing thread's frames of ours, innermost first, each place once."""
    tracked = repository.list_files(commit)
    found: dict[tuple[str, int], Snippet] = {}
    for frame in crash.frames:
        if not frame.file or not frame.line or crash_report.frame_name(frame) not in in_app:
            continue
        path = source_paths.resolve(frame.file, tracked)
        content = repository.read_file(commit, path) if path else None
        if path is None or content is None:
            continue
        lines = answers.as_text(content)[0].splitlines()
        first = max(0, frame.line - 1 - LINES_AROUND)
        text = "\n".join(lines[first : frame.line + LINES_AROUND])
        found.setdefault((path, first), Snippet(path=path, first_line=first + 1, text=text))
        if len(found) == SNIPPETS:
            break
    return tuple(found.values())


def threads(crash: Crash) -> tuple[str, ...]:
    """Return the other threads in short: the innermost frames of each on one line."""
    others = [thread for thread in crash.threads if thread.frames is not crash.frames]
    return tuple(
        f"{thread.id} {thread.name or ''}: "
        + " <- ".join(reports.describe_frame(frame) for frame in thread.frames[:THREAD_FRAMES])
        for thread in others[:THREADS]
    )


def outcomes(session: Session, fix: models.Fix) -> tuple[Outcome, ...]:
    """Return what earlier fixes of the defect came to, and those of others at the same function."""
    defect = defects.get(session, fix.defect_id)
    if defect is None:
        return ()
    near = [defect, *defects.at_location(session, defect, OUTCOMES)]
    found = []
    for each in near:
        query = select(models.Fix).where(models.Fix.defect_id == each.id, models.Fix.id != fix.id)
        found += [_outcome(session, each, row) for row in session.exec(query)]
    return tuple(found[:OUTCOMES])


def rules(source: SourceSettings) -> tuple[str, ...]:
    """Return the project's rules that a patch is judged by, as sentences."""
    told = [f"Files that no fix may change: {', '.join(source.protected_paths)}."]
    if source.module_paths:
        hooks, points = (", ".join(paths) or "no place" for paths in (source.hook_paths, source.extension_paths))
        module = ", ".join(source.module_paths)
        told.append(f"The module lies in {module}; hooks in {hooks}; extension points in {points}. The rest is core.")
        if source.core_changes != "allowed":
            told.append("The core may not be changed for a defect that no pattern knows.")
    return (*told, "A patch changes files that are there; it is small, and keeps each file's style and line ends.")


def tools(room: Workspace, repository: Repository, commit: str, base: str) -> tuple[Tool, ...]:
    """
    Return the tools by which an analyst asks the crash database and for symbols of a commit: they only read.

    ``base`` is the commit to be patched; where it is another one, its files can be read as well.
    """

    async def crashes_in(arguments: Mapping[str, Any]) -> str:
        with room.database.transaction() as session:
            rows = crashes.in_function(session, str(arguments.get("function", ""))[:NAME_LIMIT], LISTED)
            lines = [
                f"crash {row.id}, defect {row.defect_id}, {row.occurred_at:%Y-%m-%d %H:%M}: {row.signature}"
                f" ({row.kind}{f', {row.message[:200]}' if row.message else ''})"
                for row in rows
            ]
        return "\n".join(lines) or "No crash is known whose stack has this function."

    async def symbol(arguments: Mapping[str, Any]) -> str:
        name = str(arguments.get("name", "")).strip()[:NAME_LIMIT]
        last = name.rpartition("::")[2].encode("utf-8", errors="replace")
        lines: list[str] = []
        for path in repository.search(commit, [last], ()) if last else ():
            content = repository.read_file(commit, path) if source_paths.is_cpp(path) else None
            found = symbols.definitions(content, name) if content else ()
            lines += [f"{path}:{each.line}: {each.kind}: {each.text}" for each in found]
            if len(lines) >= SYMBOLS:
                return "\n".join([*lines[:SYMBOLS], "and perhaps more"])
        return "\n".join(lines) or "The source defines nothing of this name."

    async def base_source(arguments: Mapping[str, Any]) -> str:
        path, _, line = str(arguments.get("place", "")).strip().partition(":")
        content = repository.read_file(base, path) if path in repository.list_files(base) else None
        if content is None:
            return "The commit to be patched has no such file; paths are relative to the root of the repository."
        lines = answers.as_text(content)[0].splitlines()
        first = max(0, int(line) - 1 - BASE_LINES // 2) if line.isdecimal() else 0
        numbered = [f"{number}: {text}" for number, text in enumerate(lines, start=1)]
        return "\n".join(numbered[first : first + BASE_LINES]) or "The file ends before that line."

    told = "Reads a file of the commit that your edits go into, some lines around one: path or path:line."
    of_base = _tool("read_source_to_patch", told, "place", base_source, "src/server/File.cpp:120")
    return (
        *([of_base] if base != commit else []),
        _tool("crashes_in_function", "Lists the newest crashes whose stacks hold a function.", "function", crashes_in),
        _tool(
            "find_symbol", "Lists where functions, classes, members and macros of a name are defined.", "name", symbol
        ),
    )


def _tool(name: str, description: str, argument: str, call: Call, form: str = _NAME_FORM) -> Tool:
    told = {"type": "string", "description": form}
    schema = {"type": "object", "properties": {argument: told}, "required": [argument], "additionalProperties": False}
    return Tool(name=name, description=description, schema=schema, call=call)


def _outcome(session: Session, defect: models.Defect, fix: models.Fix) -> Outcome:
    decided = reviews.of_fix(session, fix.id)
    attempt = fixes.last_attempt(session, fix.id)
    reason = decided[-1].comment if decided else (attempt.error if attempt and attempt.error else fix.reason)
    way = f"template {fix.template}" if fix.route == "template" else "an analyst's patch"
    return Outcome(signature=defect.signature, route=way, state=fix.state, reason=reason[:300])
