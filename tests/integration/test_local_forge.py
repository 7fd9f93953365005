"""Facts about the forge that is a folder of Markdown files."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tasks.clients.forge import Forge, PullRequestDraft, PullRequestReference
from tasks.clients.local_forge import LocalForge
from tasks.core.errors import FixError

DRAFT = PullRequestDraft(
    title="fix(playerbot): null pointer in World::Update",
    body="## What crashed\n\nIt.\n",
    branch="crashflow/fix-1-world-update",
    base="main",
    head_commit="a" * 40,
    labels=("automated-fix", "needs-review"),
)


def test_a_draft_is_one_readable_file(tmp_path: Path) -> None:
    reference = LocalForge(tmp_path / "pulls").open_draft(DRAFT)
    path = tmp_path / "pulls" / "0001-crashflow-fix-1-world-update.md"
    assert reference == PullRequestReference(url=path.as_uri(), number=1, state="draft", head_commit=DRAFT.head_commit)
    expected = (
        "---\n"
        'title: "fix(playerbot): null pointer in World::Update"\n'
        'branch: "crashflow/fix-1-world-update"\n'
        'base: "main"\n'
        f'head_commit: "{"a" * 40}"\n'
        'labels: ["automated-fix", "needs-review"]\n'
        'state: "draft"\n'
        "---\n\n## What crashed\n\nIt.\n"
    )
    assert path.read_text() == expected


def test_the_same_branch_keeps_its_file_and_number(tmp_path: Path) -> None:
    forge = LocalForge(tmp_path)
    first = forge.open_draft(DRAFT)
    forge.open_draft(replace(DRAFT, branch="crashflow/fix-2"))
    again = forge.open_draft(replace(DRAFT, body="new body\n", head_commit="b" * 40))
    texts = [path.read_text() for path in sorted(tmp_path.glob("*.md"))]
    assert (first.url, "b" * 40, 2) == (again.url, again.head_commit, len(texts))
    assert texts[0].endswith("new body\n")


def test_branches_that_look_alike_have_files_of_their_own(tmp_path: Path) -> None:
    forge = LocalForge(tmp_path)
    numbers = [forge.open_draft(replace(DRAFT, branch=branch)).number for branch in ("crashflow/a-b", "crashflow/a.b")]
    assert (numbers, 2) == ([1, 2], len(list(tmp_path.glob("*.md"))))


def test_drafts_that_are_opened_at_once_get_numbers_of_their_own(tmp_path: Path) -> None:
    def open_draft(number: int) -> PullRequestReference:
        return LocalForge(tmp_path).open_draft(replace(DRAFT, branch=f"crashflow/fix-{number % 6}"))

    with ThreadPoolExecutor(6) as pool:
        references = list(pool.map(open_draft, range(18)))
    assert {1, 2, 3, 4, 5, 6} == {reference.number for reference in references}
    assert len(list(tmp_path.glob("*.md"))) == 6


def test_a_branch_is_found_and_an_unknown_one_is_not(tmp_path: Path) -> None:
    forge: Forge = LocalForge(tmp_path / "pulls")
    assert forge.find(DRAFT.branch) is None
    reference = forge.open_draft(DRAFT)
    assert (reference, None) == (forge.find(DRAFT.branch), forge.find("crashflow/fix-10"))


def test_what_a_person_marked_ready_stays_ready_until_the_head_moves(tmp_path: Path) -> None:
    forge = LocalForge(tmp_path)
    forge.open_draft(DRAFT)
    path = next(tmp_path.glob("*.md"))
    path.write_text(path.read_text().replace('state: "draft"', "state: ready"))
    states = [forge.open_draft(draft).state for draft in (DRAFT, replace(DRAFT, head_commit="b" * 40))]
    assert states == ["open", "draft"]


@pytest.mark.parametrize("state", ["state: redy", "state:", "stat: ready", 'state: ["ready"]'])
def test_a_state_that_nobody_understands_is_a_draft(tmp_path: Path, state: str) -> None:
    forge = LocalForge(tmp_path)
    forge.open_draft(DRAFT)
    path = next(tmp_path.glob("*.md"))
    path.write_text(path.read_text().replace('state: "draft"', state))
    reference = forge.find(DRAFT.branch)
    assert reference is not None
    assert "draft" == reference.state


def test_hostile_text_can_not_write_the_front_matter(tmp_path: Path) -> None:
    forge = LocalForge(tmp_path)
    hostile = replace(DRAFT, title='x\n---\nstate: "ready"\n', body='state: "ready"\n---\n\udc80')
    forge.open_draft(hostile)
    reference = forge.find(DRAFT.branch)
    assert reference is not None
    assert "draft" == reference.state


def test_files_of_others_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("about this folder")
    (tmp_path / "0007-mine.md").write_bytes(b"\xff no front matter")
    assert LocalForge(tmp_path).open_draft(DRAFT).number == 8
    assert {"README.md", "0007-mine.md", "0008-crashflow-fix-1-world-update.md"} == {
        path.name for path in tmp_path.glob("*.md")
    }


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(FixError, match="can't be written"):
        LocalForge(tmp_path / "file" / "pulls").open_draft(DRAFT)
