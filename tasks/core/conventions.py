"""
How a project wants its branches, commits and pull requests: the presets, and the names made by them.

Sources: TrinityCore's commit habit (``Core/Maps: ...``), AzerothCore's Conventional Commits (``fix(Core/Maps): ...``)
and the pull request templates of both. Names of functions come from dumps, so everything is cleaned on its way.
"""

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from tasks.core import markdown, redaction
from tasks.core.crash import Kind
from tasks.core.errors import ConfigurationError

BRANCH_PREFIX = "crashflow/"
"""Under it every branch of ours lives; no other branch is made, removed or pushed."""
BRANCH_LIMIT = 100
TITLE_LIMIT = 120
BODY_WIDTH = 72
NO_REPAIR = "Adds diagnosis, does not fix"
"""What title and body say of a patch that only shows more of the next crash."""

_CI_WORD = re.compile(r"(?i)\[((?:skip|no)[ -]?(?:ci|actions)|(?:ci|actions)[ -]?skip)\]|\*\*\*(NO_CI)\*\*\*")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class PatternEvidence:
    """Why a pattern was taken: the share of its expressions that were found, each with the frame that it hit."""

    slug: str
    score: float
    matched: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GateFact:
    """
    What one gate said: its name, outcome, one line of detail, and the seconds that it took.

    ``excerpt`` are the words of its tool where it is red.
    """

    name: str
    outcome: Literal["passed", "failed", "skipped"]
    detail: str = ""
    seconds: float = 0.0
    is_blocking: bool = True
    excerpt: str = ""


@dataclass(frozen=True, kw_only=True)
class AnalystFacts:
    """What an analyst said of its patch, what another one thinks of it, and what both took, in words."""

    who: str
    evidence: tuple[str, ...] = ()
    execution_path: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tests_to_add: tuple[str, ...] = ()
    second_opinion: str = ""
    cost: str = ""


@dataclass(frozen=True, kw_only=True)
class FixFacts:
    """
    Everything that a commit and a pull request tell of a fix.

    ``function``, ``file`` and ``line`` are the crash's location, ``files`` the paths that the patch changes, ``count``
    the crashes of the defect between ``first_seen`` and ``last_seen``. ``flags`` are shapes of the patch at which a
    reviewer should look twice, ``reproduce`` command lines for a shell, their words already quoted. A patch that is no
    repair only shows more of the next crash. ``frames`` are the crashing thread's, innermost first, each with whether
    it is ours; ``builds`` the first and the last build that crashed, where reports say so.
    """

    fix_id: int
    signature: str
    category: str
    severity: str
    kind: Kind
    base_commit: str
    count: int
    first_seen: datetime
    last_seen: datetime
    root_cause: str
    explanation: str
    patch: bytes
    files: tuple[str, ...]
    head_commit: str | None = None
    signal: str | None = None
    function: str | None = None
    file: str | None = None
    line: int | None = None
    pattern: PatternEvidence | None = None
    gates: tuple[GateFact, ...] = ()
    flags: tuple[str, ...] = ()
    log_errors: tuple[str, ...] = ()
    log_warnings: tuple[str, ...] = ()
    last_bot_action: str | None = None
    reproduce: tuple[str, ...] = ()
    sandbox: str | None = None
    is_repair: bool = True
    frames: tuple[tuple[str, bool], ...] = ()
    builds: tuple[str, ...] = ()
    confidence: str = ""
    analyst: AnalystFacts | None = None


@dataclass(frozen=True, kw_only=True)
class Headings:
    """The headings of a pull request's body, in the words of the project's own template where it has one."""

    crash: str = "What crashed"
    evidence: str = "Why it is this defect"
    cause: str = "Root cause"
    change: str = "What the patch does"
    gates: str = "What was checked"
    unchecked: str = "What was not checked"
    reproduce: str = "How to reproduce"
    decision: str = "How to decide"


@dataclass(frozen=True, kw_only=True)
class Conventions:
    """
    A project's rules for names.

    ``title`` and ``subject`` are format strings of ``{category}``, ``{function}`` and of ``{scope}``, ``{summary}``.
    ``scopes`` maps path prefixes to scopes, the first that fits counts; a scope that ends in ``/`` or is empty goes on
    with the next folder of the path. ``diagnosis_title`` and ``diagnosis_subject`` are the same for a patch that is no
    repair; ``{no_repair}`` says so in the title, before anything that could be cut.
    """

    name: str
    title: str
    subject: str
    subject_limit: int
    scopes: tuple[tuple[str, str], ...] = ()
    default_scope: str = ""
    headings: Headings = Headings()
    branch_prefix: str = BRANCH_PREFIX
    labels: tuple[str, ...] = ("automated-fix", "crash-fix", "needs-review")
    diagnosis_title: str = "{no_repair}: {category} in {function}"
    diagnosis_subject: str = "{scope}: {summary}"
    diagnosis_labels: tuple[str, ...] = ("automated-diagnosis", "needs-review")


_CORE_SCOPES = (
    ("src/server/game/Server/", "Core/Sessions"),
    ("src/server/game/Entities/Creature/", "Core/Creatures"),
    ("src/server/game/Entities/Object/", "Core/Objects"),
    ("src/server/game/Entities/Player/", "Core/Players"),
    ("src/server/game/Entities/Unit/", "Core/Units"),
    ("src/server/game/", "Core/"),
    ("src/server/scripts/", "Scripts/"),
    ("src/server/database/", "Core/Database"),
    ("src/server/", "Core/"),
    ("src/common/", "Core/"),
)

PRESETS: Mapping[str, Conventions] = {
    preset.name: preset
    for preset in (
        Conventions(
            name="trinitycore-playerbot",
            title="fix(playerbot): {category} in {function}",
            diagnosis_title="chore(playerbot): {no_repair}: {category} in {function}",
            subject="{scope}: {summary}",
            subject_limit=72,
            scopes=(("src/modules/Playerbot/", "Playerbot/"), *_CORE_SCOPES),
            default_scope="Playerbot/Crash",
            headings=Headings(
                change="Changes proposed", gates="Tests performed", unchecked="Known issues and TODO list"
            ),
        ),
        Conventions(
            name="azerothcore",
            title="fix({scope}): {category} in {function}",
            subject="fix({scope}): {summary}",
            diagnosis_title="chore({scope}): {no_repair}: {category} in {function}",
            diagnosis_subject="chore({scope}): {summary}",
            subject_limit=50,
            scopes=(("modules/", ""), *_CORE_SCOPES),
            default_scope="Core/Crash",
            headings=Headings(
                change="Changes Proposed",
                gates="Tests Performed",
                unchecked="Known Issues and TODO List",
                reproduce="How to Test the Changes",
            ),
        ),
        Conventions(
            name="plain",
            title="Fix {category} in {function}",
            subject="{summary}",
            subject_limit=72,
            diagnosis_subject="{summary}",
        ),
    )
}


def preset(name: str) -> Conventions:
    """
    Return the conventions of a name.

    Raises:
        ConfigurationError: there is no such preset.
    """
    if name not in PRESETS:
        raise ConfigurationError(f"There are no conventions {name!r}; use one of {', '.join(sorted(PRESETS))}.")
    return PRESETS[name]


def branch_name(facts: FixFacts, conventions: Conventions) -> str:
    """Return the fix's branch, ``crashflow/fix-12-worldsession-update``: ASCII, valid for git, one for each fix."""
    slug = _NOT_SLUG.sub("-", (facts.function or "").lower()).strip("-")
    return f"{conventions.branch_prefix}fix-{facts.fix_id}-{slug}"[:BRANCH_LIMIT].rstrip("-")


def title(facts: FixFacts, conventions: Conventions) -> str:
    """Return the pull request's title, in the preset's form, with the longest form of the function that fits."""
    scope = _scope(facts, conventions)
    form = conventions.title if facts.is_repair else conventions.diagnosis_title
    candidates = [
        form.format(scope=scope, category=_category(facts), function=function, no_repair=NO_REPAIR)
        for function in _spellings(facts.function or facts.file or "unknown code")
    ]
    return _first_that_fits(candidates, TITLE_LIMIT)


def commit_message(facts: FixFacts, conventions: Conventions) -> str:
    """
    Return the commit's message: a subject in the preset's form, and a body wrapped at 72 columns.

    The body ends with our own trailer, so that no line of others can be read as one.
    """
    seen = f"Seen {times(facts.count)} between {moment(facts.first_seen)} and {moment(facts.last_seen)}."
    told = [] if facts.is_repair else [f"{NO_REPAIR}: the crash goes on."]
    paragraphs = [*told, facts.root_cause, facts.explanation, f"Signature: {facts.signature}", seen]
    body = [_wrap(paragraph) for paragraph in paragraphs if paragraph.strip()]
    return "\n\n".join([_subject(facts, conventions), *body, f"Crashflow-Fix: {facts.fix_id}"]) + "\n"


def times(count: int) -> str:
    """Say how often: once, 5 times."""
    return "once" if count == 1 else f"{count:,} times"


def moment(at: datetime) -> str:
    """Return a time to the minute; an aware one in UTC, a naive one as the server wrote it."""
    return f"{at:%Y-%m-%d %H:%M}" if at.tzinfo is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _subject(facts: FixFacts, conventions: Conventions) -> str:
    category = _category(facts)
    functions = _spellings(facts.function) if facts.function else []
    summaries = [f"Prevent {category} in {function}" for function in functions]
    summaries += [f"Prevent crash in {function}" for function in functions[-1:]]
    summaries += [f"Prevent {category}", "Prevent crash"]
    form = conventions.subject
    if not facts.is_repair:
        summaries = [f"{NO_REPAIR}: {category} in {function}" for function in functions]
        summaries += [f"{NO_REPAIR}: {category}", NO_REPAIR, "Diagnosis, no fix"]
        form = conventions.diagnosis_subject
    scope = _scope(facts, conventions)
    candidates = [form.format(scope=scope, summary=summary) for summary in summaries]
    return _first_that_fits(candidates, conventions.subject_limit)


def _first_that_fits(candidates: list[str], limit: int) -> str:
    return next((text for text in candidates if len(text) <= limit), candidates[-1][:limit].rstrip())


def _spellings(function: str) -> list[str]:
    """``a::B::f`` as it is, as ``B::f``, and as ``f``."""
    parts = _plain(function, 400).split("::")
    return ["::".join(parts), "::".join(parts[-2:]), parts[-1]]


def _category(facts: FixFacts) -> str:
    category = _plain(facts.category, 40)
    return "crash" if category in ("", "unknown") else category


def _scope(facts: FixFacts, conventions: Conventions) -> str:
    for path in facts.files:
        for prefix, scope in conventions.scopes:
            if path.startswith(prefix):
                return _go_on(scope, path.removeprefix(prefix)) or conventions.default_scope
    return conventions.default_scope


def _go_on(scope: str, rest: str) -> str:
    if scope and not scope.endswith("/"):
        return scope
    folder = rest.partition("/")[0] if "/" in rest else ""
    return (scope + re.sub(r"[^A-Za-z0-9_-]", "", folder)[:30]).rstrip("/")


def _plain(text: str, limit: int) -> str:
    return _CI_WORD.sub(r"(\1\2)", markdown.one_line(text, limit=limit))


def _wrap(text: str) -> str:
    words = _CI_WORD.sub(r"(\1\2)", redaction.redact(" ".join(text.split())))
    return textwrap.fill(words[:4000], width=BODY_WIDTH, break_on_hyphens=False)
