"""What a fix may not change, wherever it lies and however it is spelled."""

import pytest

from tasks.core import protected_paths
from tasks.core.configuration import SourceSettings


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        (".github/workflows/build.yml", ".github/"),
        (".GitHub/workflows/build.yml", ".github/"),
        (".gitlab-ci.yml", ".gitlab-ci.yml"),
        ("CMakeLists.txt", "CMakeLists.txt"),
        ("src/server/game/CMakeLists.txt", "CMakeLists.txt"),
        ("src/server/game/cmakelists.TXT", "CMakeLists.txt"),
        ("src/cmake/macros/FindBoost.cmake", "*.cmake"),
        ("modules/mod-playerbots/Jenkinsfile", "Jenkinsfile"),
        ("contrib/install.sh", "*.sh"),
    ],
)
def test_what_builds_and_publishes_is_protected_by_itself(path: str, rule: str) -> None:
    assert rule == protected_paths.rule_for(path, SourceSettings.model_fields["protected_paths"].default)


@pytest.mark.parametrize(
    "path",
    ["src/server/game/Entities/Player/Player.cpp", "src/server/github/Client.cpp", "src/Makefiles.cpp", "src/sh.h"],
)
def test_sources_are_not(path: str) -> None:
    assert protected_paths.rule_for(path, protected_paths.DEFAULT) is None


@pytest.mark.parametrize(
    ("path", "rule", "is_hit"),
    [
        ("src/core/Map.cpp", "src/core/", True),
        ("src/core.cpp", "src/core/", False),
        ("modules/src/core/Map.cpp", "src/core/", False),
        ("src/core/Map.cpp", "src/core/Map.cpp", True),
        ("src/core/Map.h", "src/core/Map.cpp", False),
        ("src/core/Map.cpp", "src/*/Map.cpp", True),
        ("src/core/Map.cpp", "Map.cpp", True),
        ("src/core/WorldMap.cpp", "Map.cpp", False),
        ("src/a[b].cpp", "a[b].cpp", True),
        ("src/a[b].cpp", "src/a[b].cpp", True),
    ],
)
def test_rules(path: str, rule: str, is_hit: bool) -> None:
    assert is_hit == (protected_paths.rule_for(path, [rule]) is not None)
