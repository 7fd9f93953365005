"""A pattern may name several templates: the first whose shape is there repairs the defect."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from tasks.core import fixes
from tasks.core.crash import Crash, CrashException
from tasks.core.edits import SourceEdit
from tasks.core.errors import NotFoundError, RefusalError
from tasks.core.fixes.choice import FirstThatFits
from tasks.core.fixes.contract import Level, Proposal

CRASH = Crash(format="gdb", exception=CrashException(kind="unknown"))


@dataclass(frozen=True)
class Replacing:
    """Replace one text, where it stands."""

    slug: str
    old: bytes
    level: Level = "module only"
    version: int = 1
    summary: str = "replaces"

    def wanted_files(self, crash: Crash) -> tuple[str, ...]:
        return ("a.cpp", f"{self.slug}.cpp")

    def wanted_texts(self, crash: Crash) -> tuple[bytes, ...]:
        return (self.old,)

    def propose(self, crash: Crash, sources: Mapping[str, bytes]) -> Proposal:
        if self.old not in sources["a.cpp"]:
            raise RefusalError(f"No {self.slug}.")
        return Proposal(edits=(SourceEdit(path="a.cpp", old=self.old, new=b"-"),), explanation=self.slug)


CHOICE = FirstThatFits((Replacing("one", b"1"), Replacing("two", b"2", level="core")))


def test_the_first_that_fits_is_taken_and_all_that_any_needs_is_read() -> None:
    assert "one" == CHOICE.propose(CRASH, {"a.cpp": b"1 2"}).explanation
    assert "two" == CHOICE.propose(CRASH, {"a.cpp": b"2"}).explanation
    assert ("a.cpp", "one.cpp", "two.cpp") == CHOICE.wanted_files(CRASH)
    assert (b"1", b"2") == CHOICE.wanted_texts(CRASH)
    assert ("one, two", 2, "core") == (CHOICE.slug, CHOICE.version, CHOICE.level)


def test_where_none_fits_the_refusal_holds_each_reason() -> None:
    with pytest.raises(RefusalError, match=r"^one: No one. two: No two.$"):
        CHOICE.propose(CRASH, {"a.cpp": b"3"})


def test_a_template_that_does_not_exist_is_named() -> None:
    assert "null-check" == fixes.template("null-check").slug
    assert "null-check, null-check" == fixes.template("null-check,null-check").slug
    with pytest.raises(NotFoundError, match="no template 'nul'"):
        fixes.template("null-check, nul")
