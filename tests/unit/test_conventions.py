"""Facts about the names that a fix gets: its branch, its commit message, its title."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core import conventions
from tasks.core.conventions import PRESETS, FixFacts
from tasks.core.errors import ConfigurationError

TRINITY = PRESETS["trinitycore-playerbot"]
AZEROTH = PRESETS["azerothcore"]
PLAIN = PRESETS["plain"]
FACTS = FixFacts(
    fix_id=12,
    signature="WorldSession::Update | World::UpdateSessions",
    category="null pointer",
    severity="high",
    kind="access_violation",
    base_commit="b" * 40,
    count=3,
    first_seen=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    last_seen=datetime(2026, 1, 3, 3, 4, tzinfo=timezone(timedelta(hours=1))),
    root_cause="A session without a socket is told to close its socket. " * 3,
    explanation="The call is made only where a socket is there.",
    patch=b"",
    files=("src/server/game/Server/WorldSession.cpp",),
    function="WorldSession::Update",
)
HOSTILE = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("@#/.:<>[]`-~^ \n\r\u202e")), max_size=200)


@pytest.mark.parametrize(
    ("preset", "title", "subject"),
    [
        (
            TRINITY,
            "fix(playerbot): null pointer in WorldSession::Update",
            "Core/Sessions: Prevent null pointer in WorldSession::Update",
        ),
        (
            AZEROTH,
            "fix(Core/Sessions): null pointer in WorldSession::Update",
            "fix(Core/Sessions): Prevent null pointer in Update",
        ),
        (PLAIN, "Fix null pointer in WorldSession::Update", "Prevent null pointer in WorldSession::Update"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_title_and_subject_take_the_form_of_the_project(
    preset: conventions.Conventions, title: str, subject: str
) -> None:
    message = conventions.commit_message(FACTS, preset)
    assert (title, subject) == (conventions.title(FACTS, preset), message.splitlines()[0])


@pytest.mark.parametrize(
    ("path", "trinity", "azeroth"),
    [
        ("src/modules/Playerbot/Session/BotSession.cpp", "Playerbot/Session", "Core/Crash"),
        ("modules/mod-playerbots/src/Bot.cpp", "Playerbot/Crash", "mod-playerbots"),
        ("src/server/game/Maps/Map.cpp", "Core/Maps", "Core/Maps"),
        ("src/server/game/Entities/Unit/Unit.cpp", "Core/Units", "Core/Units"),
        ("src/server/scripts/Northrend/boss.cpp", "Scripts/Northrend", "Scripts/Northrend"),
        ("src/common/Collision/Tree.cpp", "Core/Collision", "Core/Collision"),
        ("src/modules/Playerbot/Bot.cpp", "Playerbot", "Core/Crash"),
        ("tools/thing.cpp", "Playerbot/Crash", "Core/Crash"),
    ],
)
def test_the_scope_is_that_of_the_changed_file(path: str, trinity: str, azeroth: str) -> None:
    facts = replace(FACTS, files=(path,), function="f")
    subjects = [conventions.commit_message(facts, preset).splitlines()[0] for preset in (TRINITY, AZEROTH)]
    assert subjects == [
        f"{trinity}: Prevent null pointer in f",
        f"fix({azeroth}): Prevent null pointer in f",
    ]


def test_the_whole_message_reads_as_a_person_would_write_it() -> None:
    assert conventions.commit_message(FACTS, TRINITY) == (
        "Core/Sessions: Prevent null pointer in WorldSession::Update\n"
        "\n"
        "A session without a socket is told to close its socket. A session\n"
        "without a socket is told to close its socket. A session without a socket\n"
        "is told to close its socket.\n"
        "\n"
        "The call is made only where a socket is there.\n"
        "\n"
        "Signature: WorldSession::Update | World::UpdateSessions\n"
        "\n"
        "Seen 3 times between 2026-01-02 03:04 UTC and 2026-01-03 02:04 UTC.\n"
        "\n"
        "Crashflow-Fix: 12\n"
    )


@pytest.mark.parametrize(
    ("function", "branch"),
    [
        ("WorldSession::Update", "crashflow/fix-12-worldsession-update"),
        ("~BotAI", "crashflow/fix-12-botai"),
        ("Map<A, B>::operator[]", "crashflow/fix-12-map-a-b-operator"),
        ("\u00d6l::f.lock", "crashflow/fix-12-l-f-lock"),
        ("(lambda)", "crashflow/fix-12-lambda"),
        ("\u65e5\u672c", "crashflow/fix-12"),
        (None, "crashflow/fix-12"),
    ],
)
def test_a_branch_is_named_after_fix_and_function(function: str | None, branch: str) -> None:
    assert conventions.branch_name(replace(FACTS, function=function), PLAIN) == branch


@given(function=HOSTILE)
def test_every_branch_name_is_plain_ascii_and_short(function: str) -> None:
    branch = conventions.branch_name(replace(FACTS, function=function), PLAIN)
    assert re.fullmatch(r"crashflow/fix-12(-[a-z0-9]+)*", branch)
    assert len(branch) <= 100


@given(function=HOSTILE, category=HOSTILE, text=HOSTILE)
def test_lines_of_a_message_keep_their_limits_whatever_the_text(function: str, category: str, text: str) -> None:
    facts = replace(FACTS, function=function, category=category, root_cause=text, explanation=text, signature=text)
    for preset in (TRINITY, AZEROTH, PLAIN):
        subject, empty, *body = conventions.commit_message(facts, preset).splitlines()
        assert (1 <= len(subject) <= preset.subject_limit, empty) == (True, "")
        assert max(len(line) for line in body) <= 72
        assert body[-2:] == ["", "Crashflow-Fix: 12"]
        title = conventions.title(facts, preset)
        assert (1 <= len(title) <= 120, len(title.splitlines())) == (True, 1)


def test_a_long_function_is_shortened_to_its_last_names() -> None:
    facts = replace(FACTS, function="a::" * 60 + "Session::Update")
    assert conventions.title(facts, TRINITY) == "fix(playerbot): null pointer in Session::Update"
    assert conventions.commit_message(facts, PLAIN).startswith("Prevent null pointer in Session::Update\n")


def test_an_unknown_category_and_function_still_give_a_title() -> None:
    facts = replace(FACTS, function=None, category="unknown")
    assert conventions.title(facts, TRINITY) == "fix(playerbot): crash in unknown code"
    assert conventions.commit_message(facts, TRINITY).startswith("Core/Sessions: Prevent crash\n")


@pytest.mark.parametrize(
    "hostile",
    [
        "see @everyone",
        "Fixes #1234",
        "closes\n#7",
        "[skip ci]",
        "[CI SKIP]",
        "[no ci]",
        "***NO_CI***",
        "\u202egnp.exe",
        "password=hunter22",
        "10.1.2.3",
    ],
)
def test_text_of_others_can_not_act_on_the_forge(hostile: str) -> None:
    facts = replace(FACTS, root_cause=hostile, explanation=hostile, signature=hostile, function=hostile)
    text = conventions.commit_message(facts, PLAIN) + conventions.title(facts, PLAIN)
    assert " ".join(hostile.split()) not in " ".join(text.split())


def test_a_trailer_in_the_text_stays_out_of_the_last_paragraph() -> None:
    facts = replace(FACTS, explanation="Co-authored-by: Eve <eve@example.org>", signature="Signed-off-by: Eve")
    assert conventions.commit_message(facts, PLAIN).split("\n\n")[-1] == "Crashflow-Fix: 12\n"


def test_an_unknown_preset_is_refused_with_the_choices() -> None:
    with pytest.raises(ConfigurationError, match="azerothcore, plain, trinitycore-playerbot"):
        conventions.preset("gentoo")


def test_every_preset_has_the_labels_of_the_seeds() -> None:
    labels = {preset.labels for preset in PRESETS.values()}
    assert labels == {("automated-fix", "crash-fix", "needs-review")}


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
@pytest.mark.parametrize("function", ["BIH::subdivide", "a::" * 200 + "f", None])
def test_a_diagnosis_says_so_first_and_never_that_it_fixes(
    preset: conventions.Conventions, function: str | None
) -> None:
    facts = replace(FACTS, is_repair=False, function=function, category="data race")
    title, message = conventions.title(facts, preset), conventions.commit_message(facts, preset)
    subject = message.splitlines()[0]
    assert "adds diagnosis, does not fix" in title.lower()
    assert re.search("(?i)diagnosis, (does not|no) fix", subject)
    assert not any(text.lower().startswith("fix") or "Prevent" in text for text in (title, subject))
    assert len(subject) <= preset.subject_limit
    assert "Adds diagnosis, does not fix: the crash goes on." in message
