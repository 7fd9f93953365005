"""From compiled paths to tracked ones: the longest common tail decides."""

import pytest

from tasks.core import source_paths

TRACKED = ("src/server/Map.cpp", "src/modules/Map.cpp", "src/server/World.cpp", "README.md")


@pytest.mark.parametrize(
    ("compiled", "expected"),
    [
        ("/home/build/tc/src/server/Map.cpp", "src/server/Map.cpp"),
        ("C:\\tc\\src\\modules\\Map.cpp", "src/modules/Map.cpp"),
        ("World.cpp", "src/server/World.cpp"),
        ("Map.cpp", None),
        ("/usr/include/c++/12/bits/stl_vector.h", None),
        ("", None),
    ],
)
def test_a_compiled_path_is_resolved_or_left(compiled: str, expected: str | None) -> None:
    assert expected == source_paths.resolve(compiled, TRACKED)
