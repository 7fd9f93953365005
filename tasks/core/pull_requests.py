"""
The body of a fix's pull request: what crashed, why we think so, what was changed, what was checked and what was not.

Input are the facts of a fix, as a step loads them; output is Markdown for a forge and for a person's editor. Every text
that a dump, a log, a model or a tool wrote goes through ``tasks.core.markdown``.
"""

from collections.abc import Sequence

from tasks.core import markdown
from tasks.core.conventions import NO_REPAIR, AnalystFacts, Conventions, FixFacts, GateFact, moment, times
from tasks.core.redaction import redact
from tasks.core.reports import gate_words

BODY_LIMIT = 60_000
"""Characters of a body; GitHub takes 65,536."""
DIFF_LIMIT = 30_000
LOG_LINES = 10
LOG_LINE_LIMIT = 200
FRAME_LIMIT = 240
OPINION_LIMIT = 2000
LIST_LINES = 12
COMMANDS_LIMIT = 3000

_EXPECTED_GATES = ("compile", "replay", "tests", "static analysis")


def render_body(facts: FixFacts, conventions: Conventions) -> str:
    """Return the body as Markdown, at most ``BODY_LIMIT`` characters; a patch that does not fit is cut or left out."""
    body = _render(facts, conventions, _diff(facts))
    if len(body) > BODY_LIMIT:
        body = _render(facts, conventions, "The patch is too long to be shown here; the branch has it.")
    return body


def _render(facts: FixFacts, conventions: Conventions, diff: str) -> str:
    headings = conventions.headings
    sections = (
        (headings.crash, _crash(facts)),
        (headings.evidence, _evidence(facts)),
        (headings.cause, markdown.prose(facts.root_cause) or "Not known."),
        (headings.change, _change(facts, diff)),
        (headings.gates, _gates(facts)),
        (headings.unchecked, _unchecked(facts)),
        (headings.reproduce, _reproduce(facts)),
        (headings.decision, _decision(facts)),
    )
    return "\n\n".join([_summary(facts), *(f"## {heading}\n\n{text}" for heading, text in sections)]) + "\n"


def _summary(facts: FixFacts) -> str:
    commits = f"on top of {markdown.code(facts.base_commit)}"
    if facts.head_commit:
        commits = f"{markdown.code(facts.head_commit)} {commits}"
    if not facts.is_repair:
        return (
            f"**{NO_REPAIR}**: the crash goes on, and the next one tells more. crashflow made this patch from "
            f"{_reports(facts.count)}: number {facts.fix_id}, {commits}. It is a draft: read it, decide, and mark it "
            "ready before a merge."
        )
    return (
        f"crashflow made this fix from {_reports(facts.count)}: fix {facts.fix_id}, {commits}. "
        "It is a draft: read it, decide, and mark it ready before a merge."
    )


def _crash(facts: FixFacts) -> str:
    ended = facts.kind.replace("_", " ") + (f" ({markdown.code(facts.signal, limit=40)})" if facts.signal else "")
    rows = [
        f"- Signature: {markdown.code(facts.signature, limit=500)}",
        f"- Location: {_location(facts)}",
        f"- How it ended: {ended}",
        f"- Category and severity: {markdown.code(facts.category)}, {markdown.code(facts.severity)}",
        f"- Seen {times(facts.count)}, first {moment(facts.first_seen)}, last {moment(facts.last_seen)}",
    ]
    if facts.builds:
        rows.append(f"- Builds: {', '.join(markdown.code(build) for build in dict.fromkeys(facts.builds))}")
    if facts.last_bot_action:
        rows.append(f"- Last bot action: {markdown.code(facts.last_bot_action)}")
    logs = [_log("Errors", facts.log_errors), _log("Warnings", facts.log_warnings)]
    return "\n\n".join(part for part in ["\n".join(rows), _stack(facts), *logs] if part)


def _stack(facts: FixFacts) -> str:
    if not facts.frames:
        return ""
    lines = [
        f"{'>' if is_ours else ' '} #{number:<2} {markdown.one_line(frame, limit=FRAME_LIMIT)}"
        for number, (frame, is_ours) in enumerate(facts.frames)
    ]
    return "The crashing thread, with `>` before code of the server:\n\n" + markdown.fence("\n".join(lines))


def _location(facts: FixFacts) -> str:
    place = ":".join(str(part) for part in (facts.file, facts.line) if part is not None)
    known = [markdown.code(part, limit=400) for part in (facts.function, place) if part]
    return " in ".join(known) or "not known"


def _log(name: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    shown = [markdown.one_line(line, limit=LOG_LINE_LIMIT) for line in lines[-LOG_LINES:]]
    amount = f"the last {LOG_LINES} of {len(lines)}" if len(lines) > LOG_LINES else str(len(lines))
    return f"{name} in the log before the crash ({amount}):\n\n" + markdown.fence("\n".join(shown))


def _evidence(facts: FixFacts) -> str:
    pattern = facts.pattern
    if pattern is None:
        return "No pattern knows this defect: its crashes share their location and most of their frames."
    total = len(pattern.matched) + len(pattern.missing)
    rows = [f"- {markdown.code(expression)} found in {markdown.code(frame)}" for expression, frame in pattern.matched]
    rows += [f"- {markdown.code(expression)} not found" for expression in pattern.missing]
    head = (
        f"Pattern {markdown.code(pattern.slug)}: {len(pattern.matched)} of {total} expressions found "
        f"({pattern.score:.0%}). This chose the fix; it does not prove it."
    )
    return f"{head}\n\n{_list(rows)}".rstrip()


def _change(facts: FixFacts, diff: str) -> str:
    parts = [markdown.prose(facts.explanation), _list([f"- {markdown.code(path)}" for path in facts.files])]
    if facts.flags:
        parts.append("Look twice, because it:\n\n" + _list([f"- {markdown.sentence(flag)}" for flag in facts.flags]))
    return "\n\n".join(part for part in [*parts, diff, *_analyst(facts.analyst)] if part)


def _analyst(analyst: AnalystFacts | None) -> list[str]:
    """What a model says of its own patch is told as such; nothing else in the body rests on it."""
    if analyst is None:
        return []
    parts = [f"This patch is the answer of {markdown.code(analyst.who)} ({analyst.cost})."]
    for title, texts in (
        ("It says that this shows the cause", analyst.evidence),
        ("It says that the crash came by", analyst.execution_path),
        ("It read", analyst.sources),
        ("It would test", analyst.tests_to_add),
    ):
        if texts:
            parts.append(f"{title}:\n\n" + _list([f"- {markdown.sentence(text)}" for text in texts]))
    if analyst.second_opinion:
        opinion = markdown.fence(markdown.cut(redact(analyst.second_opinion), limit=OPINION_LIMIT))
        parts.append(f"Asked whether that repairs the cause or hides the crash, a second analysis said:\n\n{opinion}")
    return parts


def _diff(facts: FixFacts) -> str:
    shown = markdown.show_hidden(_decode(facts.patch).replace("\r\n", "\n"))
    block = markdown.fence(shown[:DIFF_LIMIT], language="diff")
    if len(shown) <= DIFF_LIMIT:
        return block
    return f"{block}\n\nThe first {DIFF_LIMIT:,} of {len(shown):,} characters; the branch has the whole patch."


def _list(rows: Sequence[str]) -> str:
    more = [f"- and {len(rows) - LIST_LINES} more"] if len(rows) > LIST_LINES else []
    return "\n".join([*rows[:LIST_LINES], *more])


def _gates(facts: FixFacts) -> str:
    is_confined = facts.sandbox not in (None, "none")
    where = f"Sandbox: {markdown.code(facts.sandbox or '')}." if is_confined else "Nothing was run in a sandbox."
    if not facts.gates:
        return f"No gate has run. {where}"
    rows = [
        f"| {markdown.cell(gate.name)} | {_outcome(gate)} | {gate.seconds:.1f} s | {markdown.cell(gate.detail)} |"
        for gate in facts.gates
    ]
    table = "\n".join(["| gate | outcome | time | detail |", "|---|---|---|---|", *rows])
    trust = f"Confidence, computed from the gates: {facts.confidence}. {where}" if facts.confidence else where
    return "\n\n".join([table, trust, *gate_words(facts.gates)])


def _outcome(gate: GateFact) -> str:
    return "failed (does not block)" if gate.outcome == "failed" and not gate.is_blocking else gate.outcome


def _unchecked(facts: FixFacts) -> str:
    told = {gate.name for gate in facts.gates}
    passed = {gate.name for gate in facts.gates if gate.outcome == "passed"}
    skipped = [gate for gate in facts.gates if gate.outcome == "skipped"]
    rows = [
        f"- {markdown.code(gate.name, limit=40)} was skipped. {markdown.sentence(gate.detail)}".rstrip()
        for gate in skipped
    ]
    rows += [f"- {markdown.code(name)} did not run." for name in _EXPECTED_GATES if name not in told]
    if "replay" not in passed:
        rows.append("- Nobody has seen the crash gone: it was not replayed against the fixed build.")
    rows.append("- Behaviour on a live server, and other places in the source with the same mistake.")
    rows.append("- Whether the change is right: a patch can build and pass its tests and still mean the wrong thing.")
    return "\n".join(rows)


def _reproduce(facts: FixFacts) -> str:
    if not facts.reproduce:
        return "No reproducer is configured for this server."
    commands = redact("\n".join(facts.reproduce))
    return markdown.fence(markdown.cut(commands, limit=COMMANDS_LIMIT), language="sh")


def _decision(facts: FixFacts) -> str:
    if facts.head_commit is None:
        return "There is no commit yet, so there is nothing to merge."
    commands = markdown.fence(f"git fetch\ngit merge --no-ff {facts.head_commit}", language="sh")
    return (
        "To take it, mark the draft ready and merge the commit that was checked; a later one was not:\n\n"
        f"{commands}\n\n"
        f"To refuse it, run `crashflow review {facts.fix_id} reject --comment WHY`, or close the draft and delete its "
        "branch. As long as this fix is open the defect gets no other one."
    )


def _reports(count: int) -> str:
    return "one crash" if count == 1 else f"{count:,} crashes"


def _decode(patch: bytes) -> str:
    """Source files of these servers are UTF-8 or latin1; the second takes any bytes."""
    try:
        return patch.decode("utf-8")
    except UnicodeDecodeError:
        return patch.decode("latin-1")
