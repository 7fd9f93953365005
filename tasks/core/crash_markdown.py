"""
The report of a crash for people, as Markdown: the first lines say what happened, the rest is the evidence.

Names, messages and log lines are hostile: everything that comes from a dump or a log passes ``tasks.core.markdown``,
which redacts it too. The whole is not redacted again: a mask would swallow the delimiters behind it.
"""

from collections.abc import Sequence
from typing import Any

from tasks.core import markdown
from tasks.core.crash import Frame, Thread
from tasks.core.crash_report import CrashReport, PlacementEvidence
from tasks.core.frames import base_name
from tasks.core.reports import FRAMES_SHOWN, describe_exception, describe_frame

LOG_LINES_SHOWN = 12
THREADS_SHOWN = 16
_NAMES_SHOWN = 12
_NOTES_SHOWN = 30
_LINE_LIMIT = 240
_MINUTE = 60
_BASIS = {"crash time": "the 60 s before the crash", "last line": "the 60 s before its last line"}


def render(report: CrashReport) -> str:
    """Return the report of a crash: what happened, where, the stack, the logs before it, and why it is placed so."""
    sections = (
        ("", _headline(report)),
        ("What to do", _list(report.judgement.suggestions)),
        ("Stack of the crashing thread", _stack(report)),
        ("Logs before the crash", _logs(report.log_window)),
        ("Why it is placed so", _placement(report)),
        ("Why it is matched so", _match(report)),
        ("Similar crashes", _similar(report)),
        ("Other threads", _other_threads(report)),
        ("Notes", _list(report.crash.notes[:_NOTES_SHOWN])),
        ("Where it comes from", _origin(report)),
    )
    parts = [f"## {title}\n\n{text}" if title else text for title, text in sections if text]
    return "\n\n".join(parts) + "\n"


def _headline(report: CrashReport) -> str:
    judgement = report.judgement
    facts = {
        "When": f"{report.occurred_at:%Y-%m-%d %H:%M:%S %Z} on server {report.server}, build"
        f" {report.crash.build or 'unknown'}",
        "How bad": f"{judgement.severity}, {judgement.category}, in {', '.join(judgement.components)}"
        + (", bot related" if judgement.is_bot_related else ""),
        "Known": _known(report),
        "Crash loop": _loop(report),
        "Probably": judgement.hypothesis,
    }
    what = f"**{markdown.sentence(describe_exception(report.crash), limit=400)}** in {_place(report)}"
    lines = [f"- **{name}:** {markdown.sentence(text, limit=600)}" for name, text in facts.items() if text]
    return "\n\n".join([f"# {markdown.sentence(report.naming.signature, limit=200)}", what, "\n".join(lines)])


def _place(report: CrashReport) -> str:
    function, file, line = report.naming.location
    at = f" ({base_name(file)}{f':{line}' if line else ''})" if file else ""
    return markdown.code(f"{function or 'unknown code'}{at}")


def _known(report: CrashReport) -> str:
    defect = report.defect
    if defect is None:
        return "in no defect: it needs symbols or a stack"
    times = "its first crash" if defect.crashes == 1 else f"{defect.crashes} crashes since {defect.first_seen:%Y-%m-%d}"
    pattern = f"pattern {report.pattern['slug']}" if report.pattern else "no pattern knows it"
    route = f"; route {defect.route}, as {defect.route_reason}" if defect.route else ""
    return f"defect {defect.defect_id}, {times}, {defect.state}; {pattern}{route}"


def _times(crashes: int) -> str:
    return "1 crash" if crashes == 1 else f"{crashes} crashes"


def _loop(report: CrashReport) -> str:
    loop = report.related.loop
    if loop is None:
        return ""
    seconds = (loop.last - loop.first).total_seconds()
    span = f"{seconds:.0f} s" if seconds < _MINUTE else f"{seconds / _MINUTE:.0f} min"
    return (
        f"{loop.count} crashes of this defect on {report.server} within {span}"
        f" ({loop.first:%H:%M:%S} to {loop.last:%H:%M:%S})"
    )


def _stack(report: CrashReport) -> str:
    frames = report.crash.frames
    if not frames:
        return "The dump holds no stack."
    located = report.located
    lines = [_stack_line(frame, report, located) for frame in frames[:FRAMES_SHOWN]]
    if len(frames) > FRAMES_SHOWN:
        lines.append(f"     {len(frames) - FRAMES_SHOWN} more frames")
    legend = "`>` is the place of the crash, `*` are frames of ours."
    return f"{markdown.fence(chr(10).join(lines))}\n\n{legend}"


def _stack_line(frame: Frame, report: CrashReport, located: Frame | None) -> str:
    is_ours = report.is_ours(frame)
    mark = ">" if frame is located else "*" if is_ours else " "
    arguments = f"  ({markdown.one_line(frame.arguments, limit=100)})" if is_ours and frame.arguments else ""
    return f"{mark} #{frame.index:<3} {markdown.one_line(describe_frame(frame), limit=_LINE_LIMIT)}{arguments}"


def _logs(window: dict[str, Any] | None) -> str:
    report = (window or {}).get("report", {})
    logs = (window or {}).get("logs", {})
    unread = [note for note in report.get("notes", ()) if note.partition(": ")[0] not in logs]
    if not logs:
        return "\n\n".join(filter(None, ("No log of this server is configured, or none could be read.", _list(unread))))
    parts = [
        _standing_out(report),
        _last_action(report.get("last_bot_action")),
        *(_log(name, log) for name, log in logs.items()),
        _list(unread),
    ]
    return "\n\n".join(part for part in parts if part)


def _standing_out(report: dict[str, Any]) -> str:
    """List errors, warnings and what repeats, each line once with all that is remarkable about it."""
    rows: dict[str, dict[str, Any]] = {}
    remarks: dict[str, list[str]] = {}
    for name, remark in (("errors", ""), ("warnings", ""), ("escalating", "escalating"), ("repeated", "repeated")):
        for count in report.get(name, ()):
            rows.setdefault(str(count.get("text")), count)
            remarks.setdefault(str(count.get("text")), []).extend([remark] if remark else [])
    for count in report.get("suspicious", ()):
        rows.setdefault(str(count.get("text")), count)
        remarks.setdefault(str(count.get("text")), []).append(str(count.get("reason")))
    lines = [_counted(count, remarks[text]) for text, count in list(rows.items())[:LOG_LINES_SHOWN]]
    if len(rows) > LOG_LINES_SHOWN:
        lines.append(f"- {len(rows) - LOG_LINES_SHOWN} more such lines")
    return "**What stands out:**\n\n" + "\n".join(lines) if lines else ""


def _counted(count: dict[str, Any], remarks: Sequence[str]) -> str:
    level = f"{count['level']} " if count.get("level") else ""
    why = f" ({', '.join(remarks)})" if remarks else ""
    return f"- {level}{count.get('count', 1)} x {markdown.code(str(count.get('text', '')))}{why}"


def _last_action(action: dict[str, Any] | None) -> str:
    if not action:
        return ""
    age = f", {action['age_s']:.1f} s before the crash" if action.get("age_s") is not None else ""
    return f"**Last bot action**{age}: {markdown.code(str(action.get('text', '')))}"


def _log(name: str, log: dict[str, Any]) -> str:
    lines = log.get("lines", [])[-LOG_LINES_SHOWN:]
    basis = _BASIS.get(str(log.get("basis")), "its end, as its lines have no time")
    shown = [_log_line(line) for line in lines] or ["(no line)"]
    return (
        f"**{markdown.sentence(name)}** ({basis}, the last {len(lines)} lines)\n\n{markdown.fence(chr(10).join(shown))}"
    )


def _log_line(line: dict[str, Any]) -> str:
    text = " ".join(str(line[key]) for key in ("time", "level", "logger", "text") if line.get(key))
    return markdown.one_line(text, limit=_LINE_LIMIT)


def _placement(report: CrashReport) -> str:
    if report.defect is None:
        return "It is in no defect: without a frame of ours that has a name it is merged with nothing."
    placement = report.placement
    if placement.how == "learned":
        lead = f"Nothing like it was known: it is the crash from which defect {report.defect.defect_id} was learned."
    else:
        score = f" with score {placement.score:.0%}" if placement.score is not None else ""
        lead = f"It was placed in defect {report.defect.defect_id}{score}."
    return f"{lead}\n\n{_comparison(placement)}".strip()


def _comparison(placement: PlacementEvidence) -> str:
    if placement.how == "learned":
        return f"It is recognised by {_names(placement.shared)}." if placement.shared else ""
    rows = (
        ("shared with the defect's first crash", placement.shared),
        ("only in this crash", placement.only_here),
        ("only in the defect's first crash", placement.only_there),
    )
    return "\n".join(f"- {title}: {_names(names)}" for title, names in rows if names)


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return ", ".join(markdown.code(name) for name in names[:_NAMES_SHOWN]) + more


def _match(report: CrashReport) -> str:
    match = report.pattern
    if match is None:
        return "No pattern knows it: the defect is novel."
    lead = f"Pattern {markdown.code(match['slug'])}, {match['score']:.0%} of its stack expressions:"
    rows = [f"- its location expression hit {markdown.code(match['location'])}"]
    rows += [
        f"- {markdown.code(hit['expression'])} hit frame {hit['frame']}"
        f"{_of_thread(hit.get('thread'))}: {markdown.code(hit['text'])}"
        for hit in match["matched"]
    ]
    rows += [f"- {markdown.code(text)} hit no frame" for text in match["missing"]]
    return f"{lead}\n\n" + "\n".join(rows)


def _of_thread(thread: str | None) -> str:
    return f" of thread {markdown.code(thread)}" if thread else ""


def _similar(report: CrashReport) -> str:
    rows = [
        f"- crash {other.crash_id} of {other.occurred_at:%Y-%m-%d %H:%M} on {markdown.sentence(other.server)}"
        f", build {markdown.code(other.build or 'unknown')}"
        + (f": {markdown.code(other.message)}" if other.message else "")
        for other in report.related.similar
    ]
    parts = []
    if rows and report.defect:
        others = report.defect.crashes - 1
        parts.append(f"The same defect, the newest {len(rows)} of {others} others:\n\n" + "\n".join(rows))
    near = [
        f"- defect {other.defect_id}, {markdown.code(other.signature)}, {_times(other.crashes)}:"
        f" {markdown.sentence(other.why_apart)}"
        for other in report.related.near
    ]
    if near:
        parts.append("Other defects at the same function:\n\n" + "\n".join(near))
    return "\n\n".join(parts) or "None is known."


def _other_threads(report: CrashReport) -> str:
    others = [thread for thread in report.crash.threads if not thread.is_crashed]
    if not others:
        first = report.defect.exemplar_id if report.defect else None
        is_elsewhere = report.placement.how == "matched" and first not in {None, report.crash_id}
        return f"They are kept for the first crash of a defect: see crash {first}." if is_elsewhere else ""
    lines = [_thread_line(thread, report) for thread in others[:THREADS_SHOWN]]
    if len(others) > THREADS_SHOWN:
        lines.append(f"{len(others) - THREADS_SHOWN} more threads")
    return markdown.fence("\n".join(lines))


def _thread_line(thread: Thread, report: CrashReport) -> str:
    named = [frame for frame in thread.frames if frame.function]
    ours = next((frame for frame in named if report.is_ours(frame)), None)
    top = [frame for frame in (named[0] if named else None, ours) if frame]
    where = ", below it ".join(dict.fromkeys(describe_frame(frame) for frame in top)) or "no name in its stack"
    label = f"{thread.id} ({thread.name})" if thread.name else thread.id
    return markdown.one_line(f"{label}: {where}", limit=_LINE_LIMIT)


def _origin(report: CrashReport) -> str:
    dump = report.dump
    rows = {
        "dump": f"{dump.path} (dump {dump.dump_id}, {dump.kind or 'unknown kind'}, {report.crash.format})",
        "SHA-256": dump.sha256 or "unknown",
        "fingerprint": f"{report.naming.fingerprint or 'none'} ({report.naming.algorithm})",
    }
    return "\n".join(f"- {name}: {markdown.code(text, limit=400)}" for name, text in rows.items())


def _list(texts: Sequence[str]) -> str:
    return "\n".join(f"- {markdown.sentence(text, limit=500)}" for text in texts)
