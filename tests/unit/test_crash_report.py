"""The report of a crash: its first lines say what happened, hostile text stays text, and secrets stay here."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from markdown_it import MarkdownIt

from tasks.core import crash_markdown, crash_report
from tasks.core.crash import Crash, CrashException, Frame, Thread
from tasks.core.crash_loop import CrashLoop
from tasks.core.crash_report import (
    CrashReport,
    DefectFacts,
    DumpFacts,
    Judgement,
    Naming,
    NearDefect,
    PlacementEvidence,
    Related,
    SimilarCrash,
)

AT = datetime(2026, 11, 21, 3, 41, 7, tzinfo=UTC)
FRAMES = (
    Frame(index=0, function="std::terminate", module="libstdc++.so.6"),
    Frame(index=1, function="Bag::take", file="/b/src/Bag.cpp", line=12, arguments="this=0x0, slot=3"),
    Frame(index=2, function="Shop::sell", file="/b/src/Shop.cpp", line=40),
)
WINDOW = {
    "logs": {"Server.log": {"basis": "crash time", "lines": [{"time": "03:41:01", "level": "WARN", "text": "slow"}]}},
    "report": {
        "errors": [{"count": 3, "level": "ERROR", "text": "no bag"}],
        "warnings": [{"count": 9, "level": "WARN", "text": "slow"}],
        "escalating": [{"count": 9, "level": "WARN", "text": "slow"}],
        "suspicious": [{"count": 3, "level": "ERROR", "text": "no bag", "reason": "repeated error"}],
        "last_bot_action": {"text": "Bot Zed sells", "age_s": 1.5},
        "notes": ["Server.log: read.", "Old.log: left out."],
    },
}


def report(**changes: Any) -> CrashReport:
    values: dict[str, Any] = {
        "crash_id": 7,
        "server": "world-1",
        "occurred_at": AT,
        "dump": DumpFacts(dump_id=4, path="/crashes/a.txt", kind="text", sha256="ab" * 32),
        "crash": crashed(),
        "naming": Naming(
            signature="Bag::take",
            algorithm="crashflow-1",
            fingerprint="f00d",
            in_app=("Bag::take", "Shop::sell"),
            location=("Bag::take", "/b/src/Bag.cpp", 12),
        ),
        "judgement": Judgement(
            severity="high",
            category="null pointer",
            components=("Shop",),
            is_bot_related=True,
            hypothesis="A null bag.",
            suggestions=("Check the bag, because it was null.",),
        ),
        "placement": PlacementEvidence(
            how="matched", score=0.75, shared=("Bag::take",), only_here=("Shop::sell",), only_there=("Shop::buy",)
        ),
        "defect": DefectFacts(
            defect_id=3,
            signature="Bag::take",
            crashes=5,
            exemplar_id=1,
            first_seen=AT,
            last_seen=AT,
            first_build=None,
            last_build=None,
            state="open",
            route="human",
            route_reason="no source",
        ),
    }
    return CrashReport(**(values | changes))


def crashed(*frames: Frame, **exception: Any) -> Crash:
    values = {"kind": "access_violation", "signal": "SIGSEGV", "address": 0x1C, "access": "read"} | exception
    return Crash(
        format="gdb_text",
        exception=CrashException(**values),
        threads=(Thread(id="1", is_crashed=True, frames=frames or FRAMES),),
        build="r12",
        notes=("severity high: it died",),
    )


def kinds(text: str) -> set[str]:
    """What a Markdown reader makes of a text, with everything on that GitHub's flavour has."""
    tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(text)
    return {token.type for outer in tokens for token in (outer, *(outer.children or ()))}


def headings(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("## ")]


def test_the_first_ten_lines_say_what_happened() -> None:
    loop = CrashLoop(count=4, first=AT, last=AT.replace(minute=50))
    first = "\n".join(crash_markdown.render(report(related=Related(loop=loop))).splitlines()[:10])
    for words in (
        "# Bag::take",
        "SIGSEGV access violation reading address 0x1c (null pointer)",
        "`Bag::take (Bag.cpp:12)`",
        "2026-11-21 03:41:07 UTC on server world-1, build r12",
        "high, null pointer, in Shop, bot related",
        "defect 3, 5 crashes since 2026-11-21",
        "4 crashes of this defect on world-1 within 9 min",
        "A null bag.",
    ):
        assert words in first


def test_the_stack_marks_the_place_of_the_crash_and_our_frames() -> None:
    lines = crash_markdown.render(report()).splitlines()
    assert "  #0   std::terminate from libstdc++.so.6" in lines
    assert "> #1   Bag::take at /b/src/Bag.cpp:12  (this=0x0, slot=3)" in lines
    assert "* #2   Shop::sell at /b/src/Shop.cpp:40" in lines


def test_the_placement_shows_what_crash_and_defect_share() -> None:
    text = crash_markdown.render(report())
    assert "It was placed in defect 3 with score 75%." in text
    assert "- only in this crash: `Shop::sell`" in text
    assert "- only in the defect's first crash: `Shop::buy`" in text


def test_the_match_shows_which_expression_hit_which_frame_and_which_missed() -> None:
    match = {
        "slug": "bag",
        "score": 0.5,
        "location": "Bag::take",
        "matched": [{"expression": r"Bag::\w+", "frame": 1, "text": "Bag::take"}],
        "missing": ["Mail::send"],
    }
    text = crash_markdown.render(report(pattern=match))
    assert r"- `Bag::\w+` hit frame 1: `Bag::take`" in text
    assert "- `Mail::send` hit no frame" in text


def test_similar_crashes_and_near_defects_are_named() -> None:
    related = Related(
        similar=(SimilarCrash(crash_id=6, occurred_at=AT, server="world-2", build="r11", message=None),),
        near=(NearDefect(defect_id=9, signature="Bag::take", crashes=1, score=0.2, why_apart="1 of 5 is shared"),),
    )
    text = crash_markdown.render(report(related=related))
    assert "- crash 6 of 2026-11-21 03:41 on world-2, build `r11`" in text
    assert "- defect 9, `Bag::take`, 1 crash: 1 of 5 is shared" in text


def test_each_line_of_a_log_stands_out_once_with_all_that_is_remarkable() -> None:
    text = crash_markdown.render(report(log_window=WINDOW))
    assert "- ERROR 3 x `no bag` (repeated error)" in text
    assert "- WARN 9 x `slow` (escalating)" in text
    assert "**Last bot action**, 1.5 s before the crash: `Bot Zed sells`" in text
    assert "- Old.log: left out." in text
    assert "Server.log: read." not in text


def test_other_threads_are_told_in_a_line_each() -> None:
    waiting = Thread(id="9", name="net", frames=(Frame(index=0, function="epoll_wait"), FRAMES[2]))
    crash = crashed()
    text = crash_markdown.render(report(crash=replace(crash, threads=(*crash.threads, waiting))))
    assert "9 (net): epoll_wait, below it Shop::sell at /b/src/Shop.cpp:40" in text


HOSTILE = [
    pytest.param("a`b``c```d", id="backticks"),
    pytest.param("<img src=x onerror=alert(1)><!--", id="HTML"),
    pytest.param("[click](http://evil.example) ![i](http://evil.example/x.png)", id="links"),
    pytest.param("https://evil.example/path www.evil.example", id="addresses"),
    pytest.param("@everyone Fixes #12 @team/x", id="mentions"),
    pytest.param("x\n\n# Forged\n\n- item\n\n| a | b |\n|---|---|\n", id="blocks"),
    pytest.param("x\n```\n# Out of the fence\n```", id="fences"),
    pytest.param("\u202ereversed\u200b\x1b[31m", id="characters that nobody sees"),
    pytest.param("$x$ ~~s~~ **b** _i_ \\", id="markup"),
    pytest.param("token=abcdef0123456789", id="a secret that ends where a code span ends"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_wherever_it_stands(text: str) -> None:
    frame = Frame(index=0, function=text, file=text, line=1, arguments=text, module=text)
    clean = report()
    hostile = report(
        server=text,
        crash=replace(crashed(frame, message=text), build=text, notes=(text,)),
        dump=DumpFacts(dump_id=1, path=text, kind=text, sha256=None),
        naming=replace(clean.naming, signature=text, in_app=(text,), location=(text, text, 1)),
        judgement=replace(clean.judgement, category=text, components=(text,), hypothesis=text, suggestions=(text,)),
        defect=replace(clean.defect, route_reason=text) if clean.defect else None,
        placement=PlacementEvidence(how="matched", score=1.0, shared=(text,), only_here=(text,), only_there=(text,)),
        related=Related(
            similar=(SimilarCrash(crash_id=6, occurred_at=AT, server=text, build=text, message=text),),
            near=(NearDefect(defect_id=9, signature=text, crashes=1, score=0.2, why_apart=text),),
        ),
        pattern={
            "slug": text,
            "score": 1.0,
            "location": text,
            "matched": [{"expression": text, "frame": 1, "text": text}],
            "missing": [text],
        },
        log_window={
            "logs": {text: {"basis": "tail", "lines": [{"level": "WARN", "text": text}]}},
            "report": {"errors": [{"count": 1, "text": text, "reason": text}], "notes": [text]},
        },
    )
    shown = crash_markdown.render(hostile)
    assert {"html_block", "html_inline", "link_open", "image", "table_open", "s_open", "em_open"}.isdisjoint(
        kinds(shown)
    )
    plain = crash_markdown.render(report(related=hostile.related, log_window=WINDOW, pattern=hostile.pattern))
    assert headings(plain) == headings(shown)
    assert not any(character in shown for character in "\u202e\u200b\x1b")
    assert "@everyone" not in shown
    assert "abcdef0123456789" not in shown


def test_a_mask_swallows_no_delimiter_behind_it() -> None:
    window = {"logs": {"S.log": {"lines": []}}, "report": {"errors": [{"count": 2, "text": "token=abcdef0123456789"}]}}
    assert "- 2 x `token=[secret]`" in crash_markdown.render(report(log_window=window))


def test_a_huge_report_stays_small() -> None:
    frames = tuple(Frame(index=index, function="f<" * 5000, arguments="a" * 5000) for index in range(200))
    text = crash_markdown.render(
        report(crash=replace(crashed(*frames, message="m" * 100_000), notes=("n" * 9999,) * 99))
    )
    assert len(text) < 64_000


def test_the_json_is_the_whole_context_and_holds_no_secret() -> None:
    crash = replace(
        crashed(message="user 'ann' from 10.1.2.3"), command_line=("world", "--password", "hunter2", "-c", "x")
    )
    value = json.loads(crash_report.to_text(report(crash=crash, log_window=WINDOW)))
    assert ["world", "--password", "[secret]", "-c", "x"] == value["command_line"]
    assert "10.1.2.3" not in value["exception"]["message"]
    assert "this=0x0, slot=3" == value["threads"][0]["frames"][1]["arguments"]
    assert (7, 3, 0.75, "0x1c") == (
        value["crash"],
        value["defect"]["id"],
        value["placement"]["score"],
        value["exception"]["address"],
    )
    assert WINDOW["logs"] == value["log_window"]["logs"]
    assert {"similar", "near", "loop", "dump", "pattern", "suggestions", "notes", "signature"} <= set(value)


def test_a_crash_without_stack_or_defect_has_a_report() -> None:
    empty = Crash(format="crash_words", exception=CrashException())
    naming = Naming(
        signature="no stack", algorithm="crashflow-1", fingerprint=None, in_app=(), location=(None, None, None)
    )
    bare = report(crash=empty, naming=naming, defect=None, placement=PlacementEvidence(how="needs_symbols", score=None))
    text = crash_markdown.render(bare)
    assert "The dump holds no stack." in text
    assert "It is in no defect" in text
    assert json.loads(crash_report.to_text(bare))["defect"] is None
