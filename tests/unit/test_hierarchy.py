"""The hierarchy of file modifications: how deep a change reaches, and who may allow it."""

import pytest

from tasks.core import hierarchy
from tasks.core.hierarchy import CoreChanges, Level, Permission, Places

PLACES = Places(
    module=("src/modules/Playerbot/",),
    hooks=("src/server/game/Scripting/ScriptMgr.cpp",),
    extension_points=("src/ext",),
)
MODULE, HOOK = "src/modules/Playerbot/Bot.cpp", "src/server/game/Scripting/ScriptMgr.cpp"
EXTENSION, CORE = "src/ext/Point.cpp", "src/server/game/Maps/Map.cpp"


@pytest.mark.parametrize(
    ("paths", "level"),
    [
        ([MODULE], "module only"),
        ([MODULE, HOOK], "hook"),
        ([EXTENSION, HOOK], "extension point"),
        ([MODULE, CORE, HOOK], "core"),
        (["src/extra/a.cpp"], "core"),
        (["src/modules/PlayerbotX/a.cpp"], "core"),
        ([], "core"),
    ],
)
def test_the_deepest_level_counts(paths: list[str], level: Level) -> None:
    assert level == hierarchy.level_of(paths, PLACES)


def test_a_folder_is_meant_with_and_without_its_slash() -> None:
    assert "module only" == hierarchy.level_of(["module/a.cpp"], Places(module=("module",)))
    assert "core" == hierarchy.level_of(["modules/a.cpp"], Places(module=("module",)))


def test_a_project_without_a_module_has_no_core_that_could_be_refused() -> None:
    level = hierarchy.level_of([CORE], Places())
    assert level is None
    assert hierarchy.refusal(level, Permission(core_changes="refused")) is None
    assert () == hierarchy.deepest([CORE], Places())


@pytest.mark.parametrize(
    ("core_changes", "by_pattern", "chosen", "is_refused"),
    [
        ("by pattern", False, False, True),
        ("by pattern", True, False, False),
        ("by pattern", False, True, False),
        ("allowed", False, False, False),
        ("refused", True, True, True),
    ],
)
def test_who_may_allow_a_change_of_the_core(
    core_changes: CoreChanges, by_pattern: bool, chosen: bool, is_refused: bool
) -> None:
    permission = Permission(
        core_changes=core_changes, pattern="null-socket", is_allowed_by_pattern=by_pattern, is_chosen=chosen
    )
    assert is_refused == (hierarchy.refusal("core", permission) is not None)
    assert hierarchy.refusal("extension point", permission) is None


def test_the_refusal_says_what_would_allow_it() -> None:
    known = hierarchy.refusal("core", Permission(core_changes="by pattern", pattern="null-socket"))
    assert known is not None
    assert "null-socket" in known
    assert "allows_core = true" in known
    novel = hierarchy.refusal("core", Permission(core_changes="by pattern"))
    assert novel is not None
    assert 'core_changes = "allowed"' in novel
    assert (CORE,) == hierarchy.deepest([MODULE, CORE], PLACES)
