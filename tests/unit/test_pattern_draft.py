"""A pattern drafted from a defect is a valid pack that finds what it was drafted from."""

import tomllib

from tasks.clients.knowledge import stack_lists
from tasks.core import matching, parsers, pattern_draft, patterns_lint, signature
from tasks.core.pattern_draft import DraftFacts
from tasks.core.patterns import Pattern, parse_pack

LISTS = stack_lists()
REPORT = b"""Program terminated with signal SIGSEGV, Segmentation fault.
#0  0x0000000000401136 in Purse::operator() (this=0x0, owner="anna@example.org") at /srv/relay/src/Purse.cpp:88
#1  0x0000000000401180 in Shop::Sell (this=0x55d0ca3412a0) at /srv/relay/src/Shop.cpp:141
#2  0x0000000000401190 in main () at /srv/relay/src/main.cpp:30
"""


def draft(report: bytes = REPORT, **given: str) -> str:
    (crash,) = parsers.parse(report)
    named = signature.generate(crash, LISTS)
    values = {"title": named.signature, "severity": "high", "category": "null pointer", "root_cause": 'a "purse"'}
    return pattern_draft.render(
        DraftFacts(defect_id=7, shape=matching.shape(named), crash=crash, crashes=12, **(values | given))  # type: ignore[arg-type]
    )


def pattern_of(text: str) -> Pattern:
    (pattern,) = parse_pack("draft", text).patterns
    return pattern


def test_a_draft_passes_the_lint_of_patterns() -> None:
    assert [] == patterns_lint.check([parse_pack("draft", draft())], LISTS)
    assert ("access_violation",) == pattern_of(draft()).kinds


def test_nothing_of_players_and_no_address_stands_in_a_draft() -> None:
    text = draft()
    assert "anna" not in text
    assert "55d0ca3412a0" not in text


def test_hostile_names_stay_text() -> None:
    text = draft(title='x"\n[[pattern]]\nslug = "evil\x7f\ud800')
    assert 1 == len(tomllib.loads(text)["pattern"])


def test_a_kind_that_the_example_can_not_show_does_not_limit_the_pattern() -> None:
    report = REPORT.replace(b"signal SIGSEGV, Segmentation fault", b"signal SIGUSR1, User defined signal 1")
    assert () == pattern_of(draft(report)).kinds
