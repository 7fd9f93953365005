"""The lint: what each rule refuses, in which words, and that nothing of what ships is refused."""

import re
from dataclasses import replace

import pytest

from tasks.clients.knowledge import pattern_packs, stack_lists
from tasks.core import patterns, patterns_lint
from tasks.core.frames import StackLists
from tasks.core.patterns import Fault, PatternPack

TEXT = """
[[pattern]]
slug = "empty-bank"
version = 1
title = "A withdrawal from a bank that is gone"
kinds = ["access_violation"]
location = '^Bank::Withdraw$'
stack = ['^Bank::Withdraw$', '^Shop::Sell$']
severity = "high"
category = "null pointer"
root_cause = "The bank is gone."
evidence = ["src/bank/Bank.cpp, Bank::Withdraw"]

[[pattern.examples]]
title = "GCC"
origin = "synthetic"
text = '''
Thread 1 "relay" received signal SIGSEGV, Segmentation fault.
#0  0x00005581a0c01000 in Bank::Withdraw (this=0x0, coins=8326) at /srv/relay/src/bank/Bank.cpp:603
#1  0x00005581a0c01340 in Shop::Sell (this=0x5581) at /srv/relay/src/shop/Shop.cpp:141
#2  0x00005581a0c01680 in main () at /srv/relay/src/main.cpp:30'''
"""
LOOPS = "'World::Update', 'Map::Update|Creature::Update|Unit::Update|Player::Update|Engine::DoNextAction|World::Update'"


@pytest.fixture(scope="module")
def lists() -> StackLists:
    return stack_lists()


def lint(text: str, lists: StackLists, *others: str) -> list[str]:
    read = [patterns.read_pack(f"pack{number}", each) for number, each in enumerate((text, *others))]
    faults = [fault for _, found in read for fault in found]
    return [fault.reason for fault in (*faults, *patterns_lint.check([pack for pack, _ in read], lists))]


def test_what_ships_is_not_refused(lists: StackLists) -> None:
    assert [] == patterns_lint.check(pattern_packs(), lists)


def test_a_right_pattern_is_not_refused(lists: StackLists) -> None:
    assert [] == lint(TEXT, lists)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("'^Shop::Sell$'", "'(?<=x)Sell'", "is no RE2 expression", id="no RE2"),
        pytest.param('severity = "high"\n', "", "severity: Field required", id="a field is missing"),
        pytest.param(
            "kinds = [\"access_violation\"]\nlocation = '^Bank::Withdraw$'",
            "",
            "needs kinds",
            id="neither place nor kind",
        ),
        pytest.param('evidence = ["src/bank/Bank.cpp, Bank::Withdraw"]', "", "cites no evidence", id="no evidence"),
        pytest.param('"access_violation"', '"accident"', "no kind of crash 'accident'", id="an unknown kind"),
        pytest.param(
            'severity = "high"', 'severity = "high"\ntemplate = "magic"', "no template 'magic'", id="no template"
        ),
        pytest.param(
            "'^Bank::Withdraw$'\n", "'Bank\\.cpp:603'\n", "`Bank\\.cpp:603` pins a line", id="a line in a location"
        ),
        pytest.param(
            "'^Shop::Sell$'", "'Shop\\.cpp:1'", "`Shop\\.cpp:1` pins a line: at other lines", id="a line's start"
        ),
        pytest.param("'^Shop::Sell$'", "'m_coins|Shop'", "names the member m_coins", id="a member"),
        pytest.param("'^Shop::Sell$'", "'Withdraw.*8326'", "looks for the value '8326'", id="an argument"),
        pytest.param("'^Shop::Sell$'", "'Shop\\nBank'", "holds a line break", id="two frames in one"),
        pytest.param("'^Shop::Sell$'", "'(Shop)?'", "is found in every frame", id="the empty text"),
        pytest.param(
            "'^Shop::Sell$'", "'Shop::', 'Till::'", "`Till::` is found in no frame of the examples", id="never"
        ),
        pytest.param("'^Bank::Withdraw$'\n", "'.*'\n", "`.*` matches everything", id="any location"),
        pytest.param("'^Bank::Withdraw$'\n", "'::'\n", "matches everything, even 'Zyx::Qwv'", id="any class"),
        pytest.param("'^Shop::Sell$'", "'Till::'", "1 of 2 stack expressions are found, 60% must be", id="too little"),
        pytest.param("'^Bank::Withdraw$'\n", "'^Till'\n", "its place is Bank::Withdraw in /srv", id="another place"),
        pytest.param('"access_violation"', '"assertion"', "its kind is access_violation", id="another kind"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(old: str, new: str, words: str, lists: StackLists) -> None:
    assert old in TEXT
    found = lint(TEXT.replace(old, new, 1), lists)
    assert any(words in sentence for sentence in found), found
    assert all("\n" not in sentence and sentence.endswith(".") for sentence in found)


def test_an_example_must_be_a_crash(lists: StackLists) -> None:
    prose = re.sub(r"Thread 1.*main.cpp:30", "Dear diary", TEXT, flags=re.DOTALL)
    (sentence,) = lint(prose, lists)
    assert sentence.startswith("it can't match its example 'GCC': it can't be read: ")


def test_a_pattern_of_dispatch_loops_alone_is_refused(lists: StackLists) -> None:
    broad = TEXT.replace("'^Bank::Withdraw$'\n", "'::Update$|DoNextAction'\n").replace(
        "'^Bank::Withdraw$', '^Shop::Sell$'", LOOPS
    )
    assert any("dispatch loops alone, as at Engine::DoNextAction" in sentence for sentence in lint(broad, lists))


def test_a_pattern_that_matches_an_example_of_another_is_refused(lists: StackLists) -> None:
    other = TEXT.replace("empty-bank", "sold-out").replace("'^Bank::Withdraw$'\n", "'^Shop::Sell$|^Bank::'\n")
    other = other.replace("in Bank::Withdraw", "in Bank::Deposit").replace("['^Bank::Withdraw$', ", "['^Bank::\\w+$', ")
    assert ["it matches the example 'GCC' of pattern empty-bank."] == lint(TEXT, lists, other)


def test_one_version_stands_in_one_pack(lists: StackLists) -> None:
    assert ["version 1 of it stands in pack pack1 too.", "version 1 of it stands in pack pack0 too."] == lint(
        TEXT, lists, TEXT
    )
    assert [] == lint(TEXT, lists, TEXT.replace("version = 1", "version = 2"))


def test_an_example_of_two_crashes_is_no_use(lists: StackLists) -> None:
    first = TEXT.partition("text = '''\n")[2].removesuffix("'''\n")
    doubled = TEXT.replace(first, f"{first}\n\n{first.replace('Bank::Withdraw', 'Bank::Deposit')}")
    assert ["it can't match its example 'GCC': it holds 2 crashes, not one."] == lint(doubled, lists)


def test_one_wrong_pattern_stops_no_other(lists: StackLists) -> None:
    wrong = TEXT.replace("empty-bank", "broad-bank").replace("'^Bank::Withdraw$'\n", "'.*'\n")
    pack, _ = patterns.read_pack("own", TEXT + wrong.replace("Bank", "Till"))
    (accepted,), faults = patterns_lint.accept([pack], lists)
    assert (["empty-bank"], {"broad-bank"}) == (
        [each.slug for each in accepted.patterns],
        {each.slug for each in faults},
    )


def test_a_pattern_that_can_not_be_read_stops_no_other() -> None:
    pack, faults = patterns.read_pack(
        "own", TEXT.replace("version = 1", "version = 0") + TEXT.replace("empty-", "full-")
    )
    assert (["full-bank"], ["empty-bank"]) == ([each.slug for each in pack.patterns], [each.slug for each in faults])
    assert faults[0].sentence.startswith("Pattern pack own, empty-bank: version: ")


def test_changed_content_needs_a_new_version() -> None:
    pack, _ = patterns.read_pack("own", TEXT)
    pattern = pack.patterns[0]
    imported = {("empty-bank", 1): pattern}
    assert [] == patterns_lint.changed([pack], imported)
    assert [] == patterns_lint.changed([with_pattern(pack, examples=())], imported)
    assert [] == patterns_lint.changed([with_pattern(pack, location="x", version=2)], imported)
    (fault,) = patterns_lint.changed([with_pattern(pack, location="x")], imported)
    assert fault == Fault(
        pack="own",
        slug="empty-bank",
        reason="it differs from version 1 that was imported before; raise the version.",
    )


def with_pattern(pack: PatternPack, **changes: object) -> PatternPack:
    return replace(pack, patterns=(pack.patterns[0].model_copy(update=changes),))
