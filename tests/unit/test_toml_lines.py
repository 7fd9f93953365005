"""Where a key stands in a TOML text."""

import pytest

from tasks.core import toml_lines

TEXT = """\
# name = "a comment"
mode = "pr"
[[server]]
name = "first"
logs = [
  "name = inside a list",
  "b",
]
build.compile = ["make"]
[[server]]
"name" = "second"
note = '''
name = "inside a string"
'''
[server.source]
repository = "x"
[server.build]
test = { command = ["a"], options = [{ name = "deep" }] }
[forge]
kind = "local"
"""


@pytest.mark.parametrize(
    ("location", "line"),
    [
        pytest.param(("mode",), 2, id="a key of the file"),
        pytest.param(("server", 0, "name"), 4, id="a key of the first table of an array"),
        pytest.param(("server", 1, "name"), 11, id="the same key of the second, quoted"),
        pytest.param(("server", 0, "logs", 1), 5, id="an element is found at its list"),
        pytest.param(("server", 0, "build", "compile"), 9, id="a dotted key"),
        pytest.param(("server", 1, "source", "repository"), 16, id="a table below the second of an array"),
        pytest.param(("server", 1, "build", "test", "options", 0, "name"), 18, id="a key of an inline table"),
        pytest.param(("server", 1, "source", "remote"), 15, id="a missing key is found at its table"),
        pytest.param(("forge", "kind"), 20, id="a table after an array"),
        pytest.param(("absent",), None, id="what is nowhere has no line"),
    ],
)
def test_the_line_of_a_key(location: tuple[str | int, ...], line: int | None) -> None:
    assert line == toml_lines.line_of(TEXT, location)
