"""The quality tables on the labelled corpus meet their targets."""

from pathlib import Path
from typing import Any

import pytest

from tests.conformance import corpus, group, parse


@pytest.fixture(scope="module")
def grouped() -> dict[str, Any]:
    return group.run(corpus.load(_folder()))


def test_labelled_texts_are_read_right() -> None:
    result = parse.run(corpus.load(_folder()))
    assert result["met"], result["figures"]


def test_crashes_of_one_defect_are_put_together(grouped: dict[str, Any]) -> None:
    assert grouped["met"], grouped["figures"]


def test_the_plain_rule_is_worse_in_the_same_run(grouped: dict[str, Any]) -> None:
    ours, naive = grouped["figures"], grouped["figures"]["naive"]
    assert ours["right"] > naive["right"] + 0.1
    assert ours["wrongly_merged"] < naive["wrongly_merged"]


def _folder() -> Path:
    found = corpus.folder()
    if found is None:
        pytest.skip(f"there is no corpus; {corpus.VARIABLE} names its folder")
    return found
