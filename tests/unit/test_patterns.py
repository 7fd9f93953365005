"""Pattern packs: what is accepted, and how a wrong one is refused."""

import re

import pytest

from tasks.clients.knowledge import pattern_packs
from tasks.core import fixes, patterns
from tasks.core.errors import ConfigurationError

PATTERN = """
[[pattern]]
slug = "bag"
version = 1
title = "A bag"
location = 'Bag\\.cpp:'
stack = ['Bag::']
severity = "high"
category = "null pointer"
root_cause = "Nobody knows."
"""


def test_a_pattern_needs_sixty_percent_unless_it_says_otherwise() -> None:
    assert 0.6 == patterns.parse_pack("p", PATTERN).patterns[0].threshold


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("[[pattern]\n", "not valid TOML", id="no TOML"),
        pytest.param(PATTERN.replace("Bag::", "(?<=x)Bag"), "no RE2 expression", id="lookbehind is not RE2"),
        pytest.param(PATTERN.replace("Bag::", "("), "stack: ", id="an open bracket"),
        pytest.param(PATTERN + "colour = 'red'\n", "colour", id="an unknown key"),
        pytest.param(PATTERN.replace('"high"', '"awful"'), "severity", id="an unknown severity"),
        pytest.param(PATTERN + PATTERN, "twice", id="one slug twice"),
        pytest.param(PATTERN.replace("['Bag::']", "[]"), "stack", id="no stack expression"),
    ],
)
def test_a_wrong_pack_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        patterns.parse_pack("p", text)


def test_the_packs_that_ship_are_valid_and_name_a_template_that_exists() -> None:
    shipped = [pattern for pack in pattern_packs() for pattern in pack.patterns]
    assert shipped
    for pattern in shipped:
        if pattern.template:
            assert pattern.template == fixes.template(pattern.template).slug


def test_no_pattern_that_ships_pins_a_line() -> None:
    shipped = [pattern for pack in pattern_packs() for pattern in pack.patterns]
    assert [] == [p.slug for p in shipped for text in (p.location, *p.stack) if re.search(r":\d{2,}", text)]
