"""Triage: what a crash means, and which way its defect goes."""

import pytest

from tasks.clients.knowledge import stack_lists
from tasks.core import signature, triage
from tasks.core.triage import DefectSituation
from tests.unit.crashes import crash
from tests.unit.test_matching import pattern
from tests.unit.test_signature import NULL_SOCKET


def assess(*stack: str, **exception: object) -> triage.Assessment:
    crashed = crash(*stack, **exception)  # type: ignore[arg-type]
    return triage.assess(crashed, signature.generate(crashed, stack_lists()), None)


def test_a_null_access_is_a_null_pointer_of_high_severity() -> None:
    found = assess(*NULL_SOCKET)
    assert ("null pointer", "high") == (found.category, found.severity)
    assert "Socket::CloseSocket" in found.hypothesis


def test_a_hard_access_violation_is_critical() -> None:
    assert "critical" == assess("A::f", address=0x7F0000001234).severity


def test_bots_are_recognised_in_the_crashing_thread() -> None:
    assert assess("BotLootMgr::ChooseRoll@src/modules/Playerbot/BotLootMgr.cpp:34").is_bot_related
    assert not assess(*NULL_SOCKET).is_bot_related


def test_components_come_from_frames_at_and_below_the_location() -> None:
    assert "Sessions" in assess(*NULL_SOCKET).components


def test_what_a_pattern_knows_wins() -> None:
    crashed = crash("Bag::take@Bag.cpp:1")
    found = triage.assess(crashed, signature.generate(crashed, stack_lists()), pattern())
    assert ("c", "r") == (found.category, found.hypothesis)


def situation(**changes: object) -> DefectSituation:
    values: dict[str, object] = {"has_open_fix": False, "has_source": True}
    return DefectSituation(**(values | changes))  # type: ignore[arg-type]


WITH_TEMPLATE = pattern().model_copy(update={"template": "null-check"})


@pytest.mark.parametrize(
    ("known", "state", "route", "words"),
    [
        pytest.param(WITH_TEMPLATE, situation(), "template", "null-check", id="a template for a known defect"),
        pytest.param(None, situation(), "claude", "no pattern", id="an analysis for a novel one"),
        pytest.param(pattern(), situation(), "claude", "no template", id="an analysis where no template is"),
        pytest.param(
            pattern().model_copy(update={"is_core_bug": True}), situation(), "human", "core", id="a person for the core"
        ),
        pytest.param(
            WITH_TEMPLATE.model_copy(update={"is_core_bug": True}),
            situation(),
            "human",
            "core",
            id="a person for the core, whatever template is named",
        ),
        pytest.param(
            WITH_TEMPLATE.model_copy(update={"is_core_bug": True}),
            situation(template="debug-logging"),
            "template",
            "a person chose the template debug-logging",
            id="the template that a person chose, for the core too",
        ),
        pytest.param(WITH_TEMPLATE, situation(has_source=False), "human", "repository", id="a person without source"),
        pytest.param(WITH_TEMPLATE, situation(has_open_fix=True), "skip", "open", id="one fix at a time"),
        pytest.param(WITH_TEMPLATE, situation(is_silenced=True), "skip", "silenced", id="what a person silenced"),
        pytest.param(None, situation(needs_symbols=True), "skip", "symbols", id="nothing without symbols"),
        pytest.param(WITH_TEMPLATE, situation(is_history=True), "skip", "imported", id="nothing for what is history"),
        pytest.param(WITH_TEMPLATE, situation(last_fix_state="FAILED"), "skip", "--again", id="no second after FAILED"),
        pytest.param(
            WITH_TEMPLATE,
            situation(last_fix_state="REJECTED", is_retry_allowed=True),
            "template",
            "null-check",
            id="a second where something new speaks for it",
        ),
    ],
)
def test_a_defect_takes_its_route(known: object, state: DefectSituation, route: str, words: str) -> None:
    decision = triage.route(known, state)  # type: ignore[arg-type]
    assert route == decision.route
    assert words in decision.reason


def test_no_template_is_advised_for_the_core_without_a_person() -> None:
    crashed = crash("Bag::take@Bag.cpp:1")
    known = WITH_TEMPLATE.model_copy(update={"is_core_bug": True})
    advice = triage.assess(crashed, signature.generate(crashed, stack_lists()), known).suggestions[0]
    assert "a person decides" in advice
    assert "Apply" not in advice
