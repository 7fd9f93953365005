"""The faults: how each is made, what must come of it, and that the next run goes on."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deployments import demo_model, walkthrough
from tasks.clients import sandbox, scripted_model, tools
from tasks.clients.scripted_model import Script
from tasks.core.gates import Gate
from tests import sample_server
from tests.faults import analysts, edits
from tests.faults.edits import Edit
from tests.faults.place import CANARY, OTHER, Place, Value, shell

FAILED, DRAFT = "FAILED", "AWAITING_APPROVAL"
_QUICK: Mapping[str, Value] = {"configure": (), "compile": ("true",), "test": (), "replay": ()}
"""A build that proves nothing and takes no time, for faults that have nothing to do with it."""

BUILT: Mapping[str, Value] = {
    "configure": tuple(word.replace("RelWithDebInfo", "Debug") for word in walkthrough.CONFIGURE),
    "compile": walkthrough.COMPILE,
}
"""The demo's own build, unoptimised as ``sample_server`` has it."""

_LAST_S = 20.0
LISTENER_PORT = 47_113
OUTSIDE = Path("/var/tmp/crashflow-faults-outside")
REACHED, MISSED = "it got there", "it got nowhere"
_SMALL_DISK_KB = 3000


@dataclass(frozen=True, kw_only=True)
class Row:
    """What came of a fault. ``remains`` should be empty, and ``next_end`` a draft, as no fault is there any more."""

    fault: str
    wanted: str
    end: str = ""
    reason: str = ""
    is_told: bool = False
    remains: tuple[str, ...] = ()
    next_end: str = ""
    seconds: float = 0.0
    skipped: str = ""

    @property
    def is_right(self) -> bool:
        """Say whether the fault ended as it must."""
        return bool(self.skipped) or (
            self.end == self.wanted and self.is_told and not self.remains and self.next_end == DRAFT
        )


@dataclass(frozen=True, kw_only=True)
class Fault:
    """
    One fault: other values of the configuration, or something that is set up around the run.

    ``told`` is a part of what people must be given: the reason of a failure, or the draft's text. ``around`` yields why
    the fault can't be made here, or an empty text. With ``edits`` the proposer is one who was steered to them; ``red``
    is the gate that must be red in the fix's report, which is its artifact. With a ``script`` the novel crash is
    followed, whose analyst says that, with more lines of configuration in ``analyst``.
    """

    name: str
    told: str
    build: Mapping[str, Value] = field(default_factory=dict)
    source: Mapping[str, Value] = field(default_factory=dict)
    wanted: str = FAILED
    around: Callable[[Place], Iterator[str]] | None = None
    scenarios: tuple[str, ...] = (walkthrough.KNOWN,)
    edits: tuple[Edit, ...] = ()
    red: Gate | None = None
    script: Script | None = None
    analyst: str = ""


def play(place: Place, fault: Fault) -> Row:
    """Make one fault, look at what it left, take it away and run again."""
    if fault.script is not None:
        return _play_analyst(place, fault, fault.script)
    place.clear()
    started = time.monotonic()
    cores = [place.core(scenario) for scenario in fault.scenarios]
    around = contextmanager(fault.around or _nothing)
    with around(place) as skipped:
        if skipped:
            return Row(fault=fault.name, wanted=fault.wanted, skipped=skipped)
        configuration = place.configure({**_QUICK, **fault.build}, fault.source)
        with ThreadPoolExecutor() as pool:
            results = list(pool.map(lambda core: _follow(place, fault, configuration, core), cores))
    fixes = [fix for result in results for fix in result.get("fixes", [])]
    remains = _remains(place)
    drafts = [draft.read_text(encoding="utf-8") for draft in (place.home / "pull-requests").glob("*.md")]
    reports = [place.report(fix["fix"]) for fix in fixes]
    following = [_again(place, fix) for fix in fixes]
    fruitless = [str(result.get("error") or result.get("dumps")) for result in results if not result.get("fixes")]
    reasons = " | ".join([*(str(fix["reason"]) for fix in fixes), *fruitless])
    told = reasons if fault.wanted == FAILED else "\n".join([reasons, *drafts])
    is_whole = len(fixes) == len(fault.scenarios)
    return Row(
        fault=fault.name,
        wanted=fault.wanted,
        end=", ".join(sorted({str(fix["state"]) for fix in fixes})) if is_whole else f"{len(fixes)} fixes",
        reason=reasons,
        is_told=fault.told in told
        and (fault.red is None or all(f"| {fault.red} | failed" in report for report in reports)),
        remains=tuple(dict.fromkeys((*remains, *_remains(place)))),
        next_end=next((end for end in following if end != DRAFT), DRAFT if following else "no fix"),
        seconds=round(time.monotonic() - started, 1),
    )


def _play_analyst(place: Place, fault: Fault, script: Script) -> Row:
    """The same for an analyst: afterwards one who knows the answer is asked, and must come to a draft."""
    place.clear()
    started = time.monotonic()
    with scripted_model.serve(script) as model, scripted_model.serve(demo_model.script) as good:
        configuration = place.configure(_QUICK, fault.source, _analyst(model.url) + fault.analyst)
        result = place.steer(configuration, place.core(walkthrough.NOVEL))
        if "error" in result:
            result = place.steer(configuration, "-")
        found = [*result.get("fixes", ()), *result.get("pending", ())]
        remains = _remains(place)
        report = "\n".join(place.report(fix["fix"]) for fix in found)
        drafts = [draft.read_text(encoding="utf-8") for draft in (place.home / "pull-requests").glob("*.md")]
        ends = [str(fix["state"]) for fix in found]
        following = [_after_analyst(place, fix, good.url) for fix in found]
    reasons = " | ".join(str(fix["reason"]) for fix in found) or str(result)
    return Row(
        fault=fault.name,
        wanted=fault.wanted,
        end=", ".join(ends) or "no fix",
        reason=reasons,
        is_told=fault.told in "\n".join([reasons, report, *drafts]),
        remains=tuple(dict.fromkeys((*remains, *_remains(place)))),
        next_end=next((end for end in following if end != DRAFT), DRAFT if following else "no fix"),
        seconds=round(time.monotonic() - started, 1),
    )


def _after_analyst(place: Place, fix: dict[str, object], url: str) -> str:
    if fix["state"] == DRAFT:
        return DRAFT
    configuration = place.configure(_QUICK, analyst=_analyst(url))
    if fix["state"] == FAILED:
        found = place.crashflow(configuration, "fix", "--defect", str(fix["defect"]), "--again")
    else:
        found = place.steer(configuration, "-")
    return str(found["fixes"][-1]["state"]) if found.get("fixes") else str(found)


def _analyst(url: str) -> str:
    return f'\n[analyst]\nback_end = "api"\nmodel = "scripted"\nbase_url = "{url}"\n'


def _follow(place: Place, fault: Fault, configuration: Path, core: Path) -> dict[str, Any]:
    if fault.edits:
        return place.steer(configuration, core, fault.edits)
    return place.crashflow(configuration, "run", core)


def _again(place: Place, fix: dict[str, object]) -> str:
    """Run a failed fix once more; one that waits for a person is not touched."""
    if fix["state"] == DRAFT:
        return DRAFT
    again = place.crashflow(place.configure(_QUICK), "fix", "--defect", str(fix["defect"]), "--again")
    return str(again["fixes"][-1]["state"]) if again.get("fixes") else str(again)


def _remains(place: Place) -> tuple[str, ...]:
    """Return what is left once what was killed had its moment to die."""
    deadline = time.monotonic() + _LAST_S
    while (found := place.remains()) and time.monotonic() < deadline:
        time.sleep(0.5)
    return tuple(found)


def _nothing(place: Place) -> Iterator[str]:
    yield ""


def _refusing_remote(place: Place) -> Iterator[str]:
    hook = place.demo.remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho the branch is frozen until Monday\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    try:
        yield ""
    finally:
        hook.unlink()


def _missing_remote(place: Place) -> Iterator[str]:
    away = place.demo.remote.rename(place.demo.remote.with_name("away.git"))
    try:
        yield ""
    finally:
        away.rename(place.demo.remote)


def _small_disk(place: Place) -> Iterator[str]:
    """Worktrees on a disk of their own that is soon full."""
    place.worktrees.mkdir(exist_ok=True)
    words = ("mount", "-t", "tmpfs", "-o", f"size={_SMALL_DISK_KB}k,mode=755", "crashflow", str(place.worktrees))
    if shutil.which("mount") is None or subprocess.run(words, check=False, capture_output=True).returncode:
        yield "only root may mount a small disk"
        return
    try:
        yield ""
    finally:
        subprocess.run(("umount", "--lazy", str(place.worktrees)), check=False)


def _full_disk(place: Place) -> Iterator[str]:
    """The same, full before anything is checked out."""
    around = contextmanager(_small_disk)
    with around(place) as skipped:
        if not skipped:
            with (place.worktrees / "others").open("wb") as file:
                file.write(b"x" * (_SMALL_DISK_KB - 40) * 1024)
        yield skipped


def _with_symbolic_link(place: Place) -> Iterator[str]:
    """The project holds a link that leads out of it, as somebody committed it."""
    link = place.demo.clone / edits.LINK
    link.symlink_to("/etc/passwd")
    sample_server.commit_all(place.demo, "Add a link")
    try:
        yield ""
    finally:
        link.unlink()
        sample_server.commit_all(place.demo, "Remove the link")


def _with_listener(place: Place) -> Iterator[str]:
    """A server of this machine that whoever may use the network can call."""
    with socket.create_server(("127.0.0.1", LISTENER_PORT)):
        yield ""


def _with_sandbox(place: Place) -> Iterator[str]:
    yield "" if sandbox.name() != "none" else tools.find("bubblewrap").how_to_get


def _with_sandbox_and_listener(place: Place) -> Iterator[str]:
    with contextmanager(_with_sandbox)(place) as skipped, contextmanager(_with_listener)(place):
        yield skipped


def _without_outside(place: Place) -> Iterator[str]:
    OUTSIDE.unlink(missing_ok=True)
    try:
        yield ""
    finally:
        OUTSIDE.unlink(missing_ok=True)


def _with_sandbox_without_outside(place: Place) -> Iterator[str]:
    with contextmanager(_with_sandbox)(place) as skipped, contextmanager(_without_outside)(place):
        yield skipped


def _with_cppcheck(place: Place) -> Iterator[str]:
    yield "" if shutil.which("cppcheck") else tools.find("cppcheck").how_to_get


_IN_CLONE = (
    "GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org git"
)
_FOREIGN = f'commit=$({_IN_CLONE} commit-tree -p HEAD -m "Somebody else" "HEAD^{{tree}}")'

FAULTS = (
    Fault(
        name="a compiler that hangs with its children",
        told="did not end within 3 s and was killed",
        build={"compile": shell("sleep 299 & sleep 299"), "compile_timeout_s": 3},
    ),
    Fault(
        name="a compiler that starts far too many processes",
        told="more than 40 processes",
        build={
            "compile": shell("for number in $(seq 400); do sleep 20 & done", "wait"),
            "compile_timeout_s": 15,
            "process_limit": 40,
        },
    ),
    Fault(
        name="a compiler that is not there",
        told="no-such-compiler does not exist",
        build={"compile": ("no-such-compiler",)},
    ),
    Fault(
        name="a build that changes what was patched",
        told="changed src/",
        build={"compile": shell("echo '// built' >> src/server/game/Server/WorldSession.cpp")},
    ),
    Fault(
        name="the disk is full while it compiles",
        told="No space left on device",
        build={"compile": shell("dd if=/dev/zero of=object bs=1M count=100")},
        around=_small_disk,
    ),
    Fault(name="the disk is full before the checkout", told="free some space", around=_full_disk),
    Fault(name="the remote refuses the push", told="frozen until Monday", around=_refusing_remote),
    Fault(name="the remote is gone", told="remote", around=_missing_remote),
    Fault(
        name="the branch exists with foreign commits",
        told="did not come from here",
        build={
            "sandbox": "off",
            "compile": shell(_FOREIGN, 'git push -q origin "$commit:refs/heads/$(git branch --show-current)"'),
        },
    ),
    Fault(
        name="the index is locked",
        told="index.lock",
        build={"sandbox": "off", "compile": shell('touch "$(git rev-parse --git-dir)/index.lock"')},
    ),
    Fault(
        name="the base branch moves meanwhile",
        told="null-check",
        wanted=DRAFT,
        build={"sandbox": "off", "compile": shell(_FOREIGN, 'git push -q origin "$commit:refs/heads/main"')},
    ),
    Fault(name="two fixes at once", told="aura-guard", wanted=DRAFT, scenarios=(walkthrough.KNOWN, OTHER)),
)

_WITHOUT_UNITY = shell("sed -i /UNITY_BUILD/d CMakeLists.txt", "cmake -S . -B build -DCMAKE_BUILD_TYPE=Debug")

RED_GATES = (
    Fault(
        name="a patch that the compiler refuses at a glance",
        told="m_forceExitt",
        build={"configure": _WITHOUT_UNITY, "compile": ("false",)},
        edits=(edits.GUARD, edits.UNCOMPILED),
        red="syntax",
    ),
    Fault(
        name="a patch that does not compile",
        told="m_forceExitt",
        build=BUILT,
        edits=(edits.GUARD, edits.UNCOMPILED),
        red="compile",
    ),
    Fault(
        name="a patch that breaks a test",
        told="`tests` | failed (does not block)",
        wanted=DRAFT,
        build={**BUILT, "test": walkthrough.TEST},
        edits=(edits.GUARD, edits.BREAKS_A_TEST),
        red="tests",
    ),
    Fault(
        name="a patch after which it crashes as before",
        told="the server ended with signal SIGSEGV",
        build={**BUILT, "replay": (walkthrough.EXECUTABLE, "{arguments}")},
        edits=(edits.NO_REPAIR,),
        red="replay",
    ),
    Fault(
        name="a patch that touches a protected path",
        told="is protected by the configuration (`src/server/game/Server/`)",
        source={"protected_paths": ("src/server/game/Server/",)},
        edits=(edits.GUARD,),
        red="rules",
    ),
    Fault(
        name="a patch of the core where nobody may change it",
        told='belongs to the core of the server, and core_changes = "refused"',
        source={"core_changes": "refused"},
        edits=(edits.GUARD,),
        red="rules",
    ),
    Fault(
        name="a patch of the core that its pattern does not allow",
        told="the pattern ghost-aura does not allow it",
        scenarios=(OTHER,),
        edits=(edits.CORE,),
        red="rules",
    ),
    Fault(
        name="a patch that carries catch (...)",
        told="catches every exception",
        wanted=DRAFT,
        build=BUILT,
        edits=(edits.CATCHES_ALL,),
        red="shapes",
    ),
    Fault(
        name="a patch in which static analysis finds a mistake",
        told="Null pointer dereference: none",
        wanted=DRAFT,
        build={"configure": _WITHOUT_UNITY, "analyzers": ("cppcheck",)},
        edits=(edits.GUARD, edits.FOUND_BY_ANALYSIS),
        red="static analysis",
        around=_with_cppcheck,
    ),
)


def _attempt(words: str) -> tuple[str, ...]:
    """A test that tries something, and fails with what came of it, so that people are shown that."""
    return (
        "bash",
        "-c",
        f"if {words} 2>/dev/null; then echo 'FAILED: {REACHED}'; else echo 'FAILED: {MISSED}'; fi; exit 7",
    )


def _attacks() -> Iterator[Fault]:
    around = {
        True: (_with_sandbox, _with_sandbox_and_listener, _with_sandbox_without_outside),
        False: (None, _with_listener, _without_outside),
    }
    commands = (
        ("reads the secrets of other processes", f"cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -q {CANARY}"),
        ("opens a socket", f"exec 3<>/dev/tcp/127.0.0.1/{LISTENER_PORT}"),
        ("writes outside of its worktree", f"echo x > {OUTSIDE}"),
    )
    for is_walled, arounds in around.items():
        for (name, command), prepared in zip(commands, arounds, strict=True):
            yield Fault(
                name=f"a test that {name}, {'in the sandbox' if is_walled else 'where the sandbox is off: it leaks'}",
                told=MISSED if is_walled else REACHED,
                wanted=DRAFT,
                build={"test": _attempt(command), "sandbox": "auto" if is_walled else "off"},
                around=prepared,
                red="tests",
            )


HOSTILE = (
    *(
        Fault(name=f"a hostile patch: {name}", told=told, edits=(edit,), red=red, around=around)
        for name, told, edit, red, around in (
            ("a path out of the tree", "'..' component", edits.OUT_OF_TREE, "rules", None),
            ("an absolute path", "is not relative", edits.ABSOLUTE, "rules", None),
            ("git's hooks", "points into git", edits.HOOK, "rules", None),
            ("a name with a leading dash", "no leading '-'", edits.DASH, "rules", None),
            ("a CI file", "is protected by the configuration (`.github/`)", edits.CI, "rules", None),
            (
                "a build script",
                "is protected by the configuration (`CMakeLists.txt`)",
                edits.BUILD_SCRIPT,
                "rules",
                None,
            ),
            ("a symbolic link", "is no regular file of commit", edits.THROUGH_LINK, None, _with_symbolic_link),
        )
    ),
    *_attacks(),
)

WAITS = "ANALYZING"

ANALYSTS = tuple(
    Fault(
        name=f"an analyst: {name}",
        told=told,
        wanted=wanted,
        script=script,
        analyst=more,
        source={"core_changes": "allowed"} if "assertion" in name else {},
    )
    for name, told, wanted, script, more in (
        ("limited for long (429)", "limits how often", WAITS, analysts.refusing(429), ""),
        ("overloaded (529)", "overloaded", WAITS, analysts.refusing(529), ""),
        ("broken (500)", "an error of its own", WAITS, analysts.refusing(500), ""),
        ("every stream is cut", "broke off", WAITS, analysts.cutting, ""),
        ("no answer in time", "broke off", WAITS, analysts.sleeping, "timeout_s = 1\n"),
        ("a refusal", "refuses to answer", FAILED, analysts.saying("No.", stop_reason="refusal"), ""),
        ("no JSON", "is no JSON object", FAILED, analysts.saying("It is the weather."), ""),
        (
            "the answer to another request",
            "is for request ffff0000",
            FAILED,
            analysts.answering(request_id="ffff0000"),
            "",
        ),
        ("an edit that fits twice", "more than once", FAILED, analysts.editing("m_groupSize", "x"), ""),
        ("an edit that fits nowhere", "does not occur", FAILED, analysts.editing("m_nowhere", "x"), ""),
        ("a file out of the tree", "'..' component", FAILED, analysts.editing("a", "b", "../../etc/passwd"), ""),
        ("a protected file", "is protected", FAILED, analysts.editing("enable_testing()", "", "CMakeLists.txt"), ""),
        ("the core, which no pattern allows", "belongs to the core", FAILED, analysts.deleting_the_assertion(), ""),
        (
            "a patch that deletes an assertion",
            "removes or changes an assertion",
            DRAFT,
            analysts.deleting_the_assertion(),
            "",
        ),
        (
            "killed amid the conversation",
            "This patch is the answer of",
            DRAFT,
            analysts.killing(lambda: "faults.steered"),
            "",
        ),
        ("its steps are spent", "has taken its 1 steps", FAILED, demo_model.script, "limits = {steps = 1}\n"),
        (
            "the day's are spent",
            "0 analyses a day",
            "ANALYSIS_PENDING",
            demo_model.script,
            "limits = {analyses_per_day = 0}\n",
        ),
    )
)
