"""Facts about the door to git, on real clones with a bare remote beside them."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tasks.clients.git import Repository, write_files
from tasks.clients.git_command import Patience
from tasks.clients.git_values import Author, Worktree
from tasks.core.errors import EditError, GitError

AUTHOR = Author(name="Crash Fixer", email="fixer@example.org")
PREFIX = "crashflow/"
BRANCH = "crashflow/fix-1-update"
LATIN1 = "// Gr\u00f6\u00dfe\r\nint size;\r\n".encode("latin-1")
QUICK = Patience(busy_s=0.4, lock_s=0.4, network_waits_s=(0.05,))
ROOT = Path(__file__).parents[2]


def sh(folder: Path, *words: str) -> str:
    settings = ("user.name=Someone", "user.email=someone@example.org", "commit.gpgSign=false", "core.autocrlf=false")
    command = ["git", *(word for setting in settings for word in ("-c", setting)), *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def commit_all(folder: Path, message: str) -> str:
    sh(folder, "add", "-A")
    sh(folder, "commit", "-q", "-m", message)
    return sh(folder, "rev-parse", "HEAD")


@pytest.fixture(autouse=True)
def _operator_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator whose own settings would change bytes, sign commits, and name another author."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[core]\n\tautocrlf = true\n[commit]\n\tgpgsign = true\n\tcleanup = strip\n"
        "[user]\n\tname = Operator\n\temail = operator@example.org\n[author]\n\tname = Operator\n"
        "[diff]\n\tnoprefix = true\n\texternal = false\n[init]\n\tdefaultBranch = main\n"
    )
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    path = tmp_path / "remote.git"
    sh(tmp_path, "init", "-q", "--bare", str(path))
    return path


@pytest.fixture
def clone(tmp_path: Path, remote: Path) -> Path:
    path = tmp_path / "clone"
    sh(tmp_path, "init", "-q", str(path))
    sh(path, "remote", "add", "origin", str(remote))
    (path / "src").mkdir()
    (path / "src" / "World.cpp").write_bytes(LATIN1)
    (path / "build.sh").write_text("#!/bin/sh\n")
    (path / "build.sh").chmod(0o755)
    (path / "link").symlink_to("src")
    (path / "etc").symlink_to("/etc")
    commit_all(path, "Start")
    sh(path, "push", "-q", "origin", "main")
    return path


@pytest.fixture
def repository(clone: Path, tmp_path: Path) -> Repository:
    return Repository(clone, lock_folder=tmp_path / "locks", patience=QUICK)


@pytest.fixture
def worktree(repository: Repository, tmp_path: Path) -> Worktree:
    return repository.create_worktree(tmp_path / "fixes" / "1", branch=BRANCH, base_commit="main")


def commit_fix(repository: Repository, worktree: Worktree, content: bytes = b"int fixed;\r\n") -> str:
    write_files(worktree, {"src/World.cpp": content})
    return repository.commit(worktree, paths=["src/World.cpp"], message="Fix it", author=AUTHOR)


# Reading


def test_a_branch_and_a_short_hash_resolve_to_the_full_hash(repository: Repository, clone: Path) -> None:
    head = sh(clone, "rev-parse", "HEAD")
    assert (head, head, head) == tuple(repository.base_commit(ref) for ref in ("main", head[:8], "origin/main"))


@pytest.mark.parametrize("ref", ["nowhere", "--help", "main^{tree}", "a b", "main:src", "", "main\0x"])
def test_what_names_no_commit_is_refused(repository: Repository, ref: str) -> None:
    with pytest.raises(GitError):
        repository.base_commit(ref)


def test_the_commit_of_a_build_is_found_by_the_hash_in_its_name(repository: Repository, clone: Path) -> None:
    head = sh(clone, "rev-parse", "HEAD")
    for build in (head, f"{head[:12]}+", f"TrinityCore rev. {head[:10]} 2026-11-01 10:00:00 (master branch) (Linux)"):
        assert head == repository.commit_of(build)
    for build in (
        None,
        "",
        "3.3.5a",
        "0123456789abcdef0123456789abcdef01234567",
        "main",
        f"x{head}",
        "deadbeef beefdead",
    ):
        assert repository.commit_of(build) is None


def test_a_patch_may_be_of_some_files(repository: Repository, clone: Path) -> None:
    before = sh(clone, "rev-parse", "HEAD")
    (clone / "a*.cpp").write_text("one\n")
    (clone / "ab.cpp").write_text("two\n")
    after = commit_all(clone, "Two files")
    patch = repository.patch(before, after, ("a*.cpp",))
    assert b"+one" in patch
    assert b"+two" not in patch
    assert b"+two" in repository.patch(before, after)


def test_a_file_is_read_byte_for_byte(repository: Repository) -> None:
    assert repository.read_file("main", "src/World.cpp") == LATIN1


@pytest.mark.parametrize("path", ["src/Missing.cpp", "src", "link", "etc/passwd", "link/World.cpp"])
def test_what_is_no_regular_file_of_the_commit_reads_as_none(repository: Repository, path: str) -> None:
    assert repository.read_file("main", path) is None


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "src/../build.sh", "", "./build.sh", "src/"])
def test_a_path_that_git_would_not_list_is_refused(repository: Repository, path: str) -> None:
    with pytest.raises(GitError, match="no relative path"):
        repository.read_file("main", path)


def test_a_path_is_never_a_glob(repository: Repository) -> None:
    assert repository.read_file("main", "src/*.cpp") is None


def test_files_with_a_text_are_found_in_their_commit_below_the_folders(repository: Repository, clone: Path) -> None:
    for path in ("module/a.cpp", "module/b.cpp", "core/c.cpp", "module/grösse.h"):
        (clone / path).parent.mkdir(exist_ok=True)
        (clone / path).write_bytes(b"x\xe4; RemoveFromWorld();\n" if path != "module/b.cpp" else b"other\n")
    commit = commit_all(clone, "calls")
    (clone / "module" / "b.cpp").write_bytes(b"RemoveFromWorld();\n")
    assert ("module/a.cpp", "module/grösse.h") == repository.search(commit, (b"RemoveFromWorld(",), ("module/",))
    assert ("core/c.cpp", "module/a.cpp", "module/grösse.h") == repository.search(commit, (b"RemoveFrom", b"no"), ())
    assert () == repository.search(commit, (b"-e nothing",), ())
    assert () == repository.search(commit, (), ())


def test_all_files_of_a_commit_are_listed_whatever_their_names(repository: Repository, clone: Path) -> None:
    (clone / "two words\tand \u00e4").write_text("x")
    head = commit_all(clone, "Odd name")
    assert repository.list_files(head) == ("build.sh", "etc", "link", "src/World.cpp", "two words\tand \u00e4")


def test_ancestry_is_that_of_git(repository: Repository, clone: Path) -> None:
    first = repository.base_commit("main")
    (clone / "new").write_text("x")
    second = commit_all(clone, "Second")
    assert (
        repository.is_ancestor(first, second),
        repository.is_ancestor(second, first),
        repository.is_ancestor(first, first),
    ) == (True, False, True)


def test_ancestry_of_an_unknown_commit_is_an_error_and_not_a_no(repository: Repository) -> None:
    with pytest.raises(GitError):
        repository.is_ancestor("1" * 40, "main")


def test_a_fetch_brings_the_remote_branch(repository: Repository, remote: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    sh(tmp_path, "clone", "-q", str(remote), str(other))
    (other / "news").write_text("x")
    head = commit_all(other, "News")
    sh(other, "push", "-q", "origin", "main")
    repository.fetch("main")
    assert (head, head) == (repository.base_commit("origin/main"), repository.remote_head("main"))


def test_a_branch_that_the_remote_lacks_has_no_head(repository: Repository) -> None:
    assert repository.remote_head("nowhere") is None


# Worktrees


def test_a_worktree_is_apart_from_the_clone(worktree: Worktree, repository: Repository, clone: Path) -> None:
    write_files(worktree, {"src/World.cpp": b"changed"})
    assert (
        (clone / "src/World.cpp").read_bytes(),
        sh(clone, "branch", "--show-current"),
        sh(worktree.path, "branch", "--show-current"),
    ) == (LATIN1, "main", BRANCH)


def test_threads_and_processes_make_worktrees_at_once(repository: Repository, clone: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tasks.clients.git import Repository\n"
        "clone, locks, place, branch = sys.argv[1:]\n"
        "repository = Repository(Path(clone), lock_folder=Path(locks))\n"
        "repository.create_worktree(Path(place), branch=branch, base_commit='main')\n"
    )
    patient = Repository(clone, lock_folder=tmp_path / "locks")
    children = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                script,
                str(clone),
                str(tmp_path / "locks"),
                str(tmp_path / f"p{n}"),
                f"crashflow/p{n}",
            ],
            cwd=ROOT,
        )
        for n in range(2)
    ]
    with ThreadPoolExecutor(4) as pool:
        made = list(
            pool.map(
                lambda n: patient.create_worktree(tmp_path / f"t{n}", branch=f"crashflow/t{n}", base_commit="main"),
                range(4),
            )
        )
    assert [child.wait(timeout=60) for child in children] == [0, 0]
    places = [worktree.path for worktree in made] + [tmp_path / "p0", tmp_path / "p1"]
    assert [(place / "src/World.cpp").read_bytes() for place in places] == [LATIN1] * 6


def test_a_lock_that_another_process_keeps_is_an_error_with_its_path(repository: Repository, tmp_path: Path) -> None:
    script = (
        "import filelock, sys, time\nwith filelock.FileLock(sys.argv[1]):\n  print('held', flush=True); time.sleep(60)"
    )
    lock = tmp_path / "locks" / "git.lock"
    with subprocess.Popen([sys.executable, "-c", script, str(lock)], stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            with pytest.raises(GitError, match=r"git\.lock"):
                repository.create_worktree(tmp_path / "w", branch=BRANCH, base_commit="main")
        finally:
            holder.kill()


def test_a_rerun_replaces_what_the_dead_run_left(worktree: Worktree, repository: Repository) -> None:
    commit_fix(repository, worktree)
    (worktree.path / "left over").write_text("x")
    again = repository.create_worktree(worktree.path, branch=BRANCH, base_commit="main")
    assert (worktree, False, repository.base_commit("main")) == (
        again,
        (again.path / "left over").exists(),
        repository.base_commit(BRANCH),
    )


@pytest.mark.parametrize("damage", ["folder gone", "link to the clone gone", "locked"])
def test_a_rerun_copes_with_a_half_removed_worktree(
    worktree: Worktree, repository: Repository, clone: Path, damage: str
) -> None:
    if damage == "folder gone":
        subprocess.run(["rm", "-r", str(worktree.path)], check=True)
    elif damage == "link to the clone gone":
        (worktree.path / ".git").unlink()
    else:
        sh(clone, "worktree", "lock", str(worktree.path))
    again = repository.create_worktree(worktree.path, branch=BRANCH, base_commit="main")
    assert (again.path / "src/World.cpp").read_bytes() == LATIN1


def test_a_checkout_that_was_killed_at_its_start_is_replaced(
    worktree: Worktree, repository: Repository, clone: Path
) -> None:
    inner = clone / ".git" / "worktrees" / worktree.path.name
    (inner / "HEAD").write_text("0" * 40 + "\n")
    (inner / "locked").write_text("initializing")
    again = repository.create_worktree(worktree.path, branch=BRANCH, base_commit="main")
    assert (again.path / "src/World.cpp").read_bytes() == LATIN1


def test_a_folder_that_is_not_ours_is_left_alone(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "home-work").mkdir()
    (tmp_path / "home-work" / "thesis").write_text("x")
    with pytest.raises(GitError, match="move it away"):
        repository.create_worktree(tmp_path / "home-work", branch=BRANCH, base_commit="main")
    with pytest.raises(GitError, match="move it away"):
        repository.remove_worktree(tmp_path / "home-work")
    assert (tmp_path / "home-work" / "thesis").read_text() == "x"


def test_a_persons_worktree_is_left_alone(repository: Repository, clone: Path, tmp_path: Path) -> None:
    sh(clone, "worktree", "add", "-q", "-b", "my-work", str(tmp_path / "mine"))
    with pytest.raises(GitError, match="my-work"):
        repository.create_worktree(tmp_path / "mine", branch=BRANCH, base_commit="main")
    assert (tmp_path / "mine" / "build.sh").exists()


def test_the_clone_itself_can_not_be_removed(repository: Repository, clone: Path) -> None:
    with pytest.raises(GitError):
        repository.remove_worktree(clone)
    assert (clone / "build.sh").exists()


@pytest.mark.parametrize(
    "branch", ["main", "feature/x", "crashflow/", "-crashflow/x", "crashflow/a..b", "crashflow/x.lock"]
)
def test_a_branch_outside_our_prefix_is_refused(repository: Repository, tmp_path: Path, branch: str) -> None:
    with pytest.raises(GitError):
        repository.create_worktree(tmp_path / "w", branch=branch, base_commit="main")


def test_a_leftover_branch_that_somebody_else_pushed_to_is_kept(
    worktree: Worktree, repository: Repository, remote: Path, tmp_path: Path
) -> None:
    ours = commit_fix(repository, worktree)
    repository.push(worktree, prefix=PREFIX)
    push_foreign_commit(remote, tmp_path)
    with pytest.raises(GitError, match="nobody's commits"):
        repository.create_worktree(worktree.path, branch=BRANCH, base_commit="main")
    assert (ours, b"int fixed;\r\n") == (repository.base_commit(BRANCH), (worktree.path / "src/World.cpp").read_bytes())


def test_removing_a_worktree_twice_is_fine(worktree: Worktree, repository: Repository, clone: Path) -> None:
    repository.remove_worktree(worktree.path)
    repository.remove_worktree(worktree.path)
    assert (worktree.path.exists(), len(sh(clone, "worktree", "list").splitlines())) == (False, 1)


# Committing


@pytest.mark.parametrize("content", [LATIN1, b"new\r\nfile\r\n", b"new\nfile\n", b"mixed\nends\r\n\xff\x00"])
def test_latin1_and_crlf_pass_unchanged_through_a_commit(
    worktree: Worktree, repository: Repository, content: bytes
) -> None:
    write_files(worktree, {"src/New.cpp": content})
    head = repository.commit(worktree, paths=["src/New.cpp"], message="New", author=AUTHOR)
    other = repository.create_worktree(worktree.path.parent / "2", branch="crashflow/2", base_commit=head)
    read = (repository.read_file(head, "src/New.cpp"), (other.path / "src/New.cpp").read_bytes())
    assert read == (content, content)


def test_exactly_the_named_paths_are_committed(worktree: Worktree, repository: Repository, clone: Path) -> None:
    write_files(worktree, {"src/World.cpp": b"a", "src/New.cpp": b"b", "core.1234": b"c"})
    (worktree.path / "build.sh").unlink()
    sh(worktree.path, "add", "core.1234")
    head = repository.commit(worktree, paths=["src/New.cpp", "build.sh"], message="Two", author=AUTHOR)
    assert sh(clone, "diff", "--name-status", "main", head).splitlines() == ["D\tbuild.sh", "A\tsrc/New.cpp"]


def test_nothing_to_commit_fails(worktree: Worktree, repository: Repository) -> None:
    write_files(worktree, {"src/World.cpp": LATIN1, "src/Other.cpp": b"not named"})
    for paths in ([], ["src/World.cpp"]):
        with pytest.raises(GitError, match="nothing to commit"):
            repository.commit(worktree, paths=paths, message="Empty", author=AUTHOR)


@pytest.mark.parametrize("path", ["src", ".", "../x", "/etc/passwd", "src/*"])
def test_only_files_by_name_can_be_committed(worktree: Worktree, repository: Repository, path: str) -> None:
    write_files(worktree, {"src/World.cpp": b"a"})
    with pytest.raises(GitError):
        repository.commit(worktree, paths=[path], message="All", author=AUTHOR)


def test_author_and_message_are_ours_whatever_the_operator_configured(
    worktree: Worktree, repository: Repository, clone: Path
) -> None:
    write_files(worktree, {"src/World.cpp": b"a"})
    message = "Subject\n\n# not a comment\nb\u00f6dy"
    head = repository.commit(worktree, paths=["src/World.cpp"], message=message, author=AUTHOR)
    assert f"Crash Fixer <fixer@example.org>|Crash Fixer <fixer@example.org>|{message}" == sh(
        clone, "log", "-1", "--format=%an <%ae>|%cn <%ce>|%B", head
    )


def test_the_same_fix_committed_again_is_the_same_commit(worktree: Worktree, repository: Repository) -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    heads = set()
    for _ in range(2):
        again = repository.create_worktree(worktree.path, branch=BRANCH, base_commit="main")
        write_files(again, {"src/World.cpp": b"fixed"})
        heads.add(repository.commit(again, paths=["src/World.cpp"], message="Fix", author=AUTHOR, at=at))
        repository.push(again, prefix=PREFIX)
        time.sleep(1.1)
    assert len(heads) == 1


def test_a_worktree_that_left_its_branch_gets_no_commit(worktree: Worktree, repository: Repository) -> None:
    sh(worktree.path, "checkout", "-q", "--detach")
    with pytest.raises(GitError, match="not on the branch"):
        commit_fix(repository, worktree)


def test_a_hook_of_the_clone_can_say_no_and_sees_none_of_our_secrets(
    worktree: Worktree, repository: Repository, clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "do-not-tell")
    hook = clone / ".git" / "hooks" / "pre-commit"
    hook.write_text(f"#!/bin/sh\nenv > {tmp_path}/seen\necho 'tabs are not welcome' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(GitError, match="tabs are not welcome"):
        commit_fix(repository, worktree)
    seen = (tmp_path / "seen").read_text()
    assert ("HOME=" in seen, "do-not-tell" in seen) == (True, False)


def test_a_fix_can_not_bring_its_own_hooks(clone: Path, tmp_path: Path) -> None:
    sh(clone, "config", "core.hooksPath", ".hooks")
    repository = Repository(clone, lock_folder=tmp_path / "locks")
    worktree = repository.create_worktree(tmp_path / "w", branch=BRANCH, base_commit="main")
    write_files(worktree, {".hooks/pre-commit": f"#!/bin/sh\ntouch {tmp_path}/ran\n".encode()})
    (worktree.path / ".hooks/pre-commit").chmod(0o755)
    commit_fix(repository, worktree)
    assert not (tmp_path / "ran").exists()


def test_a_busy_index_is_waited_for(worktree: Worktree, clone: Path, tmp_path: Path) -> None:
    repository = Repository(clone, lock_folder=tmp_path / "locks")
    lock = clone / ".git" / "worktrees" / worktree.path.name / "index.lock"
    lock.touch()
    timer = threading.Timer(0.5, lock.unlink)
    timer.start()
    started = time.monotonic()
    commit_fix(repository, worktree)
    timer.join()
    assert time.monotonic() - started >= 0.5


def test_a_lock_file_that_stays_is_named_and_never_deleted(
    worktree: Worktree, repository: Repository, clone: Path
) -> None:
    lock = clone / ".git" / "worktrees" / worktree.path.name / "index.lock"
    lock.touch()
    with pytest.raises(GitError, match=r"index\.lock exists"):
        commit_fix(repository, worktree)
    assert lock.exists()


# Patches


def test_a_patch_carries_bytes_to_another_worktree(worktree: Worktree, repository: Repository, tmp_path: Path) -> None:
    contents = {"src/World.cpp": LATIN1 + b"more\r\n\xe9\n", "src/New.bin": bytes(range(256))}
    write_files(worktree, contents)
    (worktree.path / "build.sh").unlink()
    head = repository.commit(worktree, paths=[*contents, "build.sh"], message="Fix", author=AUTHOR)
    patch = repository.patch(worktree.base_commit, head)
    other = repository.create_worktree(tmp_path / "other", branch="crashflow/other", base_commit="main")
    touched = repository.apply_patch(other, patch)
    assert {*contents, "build.sh"} == set(touched)
    assert (contents, False) == (
        {name: (other.path / name).read_bytes() for name in contents},
        (other.path / "build.sh").exists(),
    )


def test_a_pending_patch_is_what_a_commit_would_hold(worktree: Worktree, repository: Repository) -> None:
    write_files(worktree, {"src/World.cpp": LATIN1 + b"more\r\n", "src/New.cpp": b"new\n", "noise": b"x"})
    paths = ["src/World.cpp", "src/New.cpp"]
    pending = repository.pending_patch(worktree, paths=paths)
    status = sh(worktree.path, "status", "--porcelain")
    head = repository.commit(worktree, paths=paths, message="Fix", author=AUTHOR)
    assert repository.patch("main", head) == pending
    assert " M src/World.cpp" in " " + status


def test_both_names_of_a_renamed_file_are_touched(worktree: Worktree, repository: Repository) -> None:
    patch = b"diff --git a/build.sh b/make.sh\nsimilarity index 100%\nrename from build.sh\nrename to make.sh\n"
    assert {"build.sh", "make.sh"} == set(repository.apply_patch(worktree, patch))


def test_a_patch_that_does_not_fit_changes_nothing_and_says_why(worktree: Worktree, repository: Repository) -> None:
    patch = (
        b"--- a/build.sh\n+++ b/build.sh\n@@ -1 +1 @@\n-#!/bin/sh\n+#!/bin/bash\n"
        b"--- a/src/World.cpp\n+++ b/src/World.cpp\n@@ -1 +1 @@\n-int other;\n+int fixed;\n"
    )
    with pytest.raises(GitError, match="patch does not apply"):
        repository.apply_patch(worktree, patch)
    assert (worktree.path / "build.sh").read_text() == "#!/bin/sh\n"


@pytest.mark.parametrize(
    "patch",
    [
        b"",
        b"no patch at all",
        b"--- /dev/null\n+++ b/../outside\n@@ -0,0 +1 @@\n+x\n",
        b"--- /dev/null\n+++ b/etc/crashflow-test\n@@ -0,0 +1 @@\n+x\n",
        b"--- /dev/null\n+++ b/.git/config\n@@ -0,0 +1 @@\n+x\n",
        b"diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc/passwd\n",
    ],
)
def test_a_patch_stays_inside_the_worktree(worktree: Worktree, repository: Repository, patch: bytes) -> None:
    with pytest.raises(GitError):
        repository.apply_patch(worktree, patch)
    assert ((worktree.path / "l").is_symlink(), (worktree.path.parent / "outside").exists()) == (False, False)


# Publishing


def push_foreign_commit(remote: Path, tmp_path: Path) -> str:
    other = tmp_path / "reviewer"
    sh(tmp_path, "clone", "-q", "-b", BRANCH, str(remote), str(other))
    (other / "remark").write_text("x")
    head = commit_all(other, "A reviewer's own commit")
    sh(other, "push", "-q", "origin", BRANCH)
    return head


def test_a_push_publishes_the_branch_and_may_run_again(
    worktree: Worktree, repository: Repository, remote: Path
) -> None:
    head = commit_fix(repository, worktree)
    for _ in range(2):
        repository.push(worktree, prefix=PREFIX)
    assert (head, head) == (sh(remote, "rev-parse", BRANCH), repository.remote_head(BRANCH))


def test_a_push_never_overwrites_somebody_elses_commit(
    worktree: Worktree, repository: Repository, remote: Path, tmp_path: Path
) -> None:
    commit_fix(repository, worktree)
    repository.push(worktree, prefix=PREFIX)
    foreign = push_foreign_commit(remote, tmp_path)
    commit_fix(repository, worktree, b"second attempt")
    with pytest.raises(GitError, match="nobody's commits"):
        repository.push(worktree, prefix=PREFIX)
    assert foreign == sh(remote, "rev-parse", BRANCH)


def test_a_next_attempt_continues_the_pushed_branch(worktree: Worktree, repository: Repository) -> None:
    commit_fix(repository, worktree)
    repository.push(worktree, prefix=PREFIX)
    second = commit_fix(repository, worktree, b"second attempt")
    repository.push(worktree, prefix=PREFIX)
    assert second == repository.remote_head(BRANCH)


@pytest.mark.parametrize("prefix", ["", "other/", BRANCH])
def test_a_branch_outside_the_prefix_is_not_pushed(worktree: Worktree, repository: Repository, prefix: str) -> None:
    commit_fix(repository, worktree)
    with pytest.raises(GitError, match="touches no other"):
        repository.push(worktree, prefix=prefix)
    assert repository.remote_head(BRANCH) is None


def test_a_branch_without_a_commit_is_not_pushed(worktree: Worktree, repository: Repository) -> None:
    with pytest.raises(GitError, match="no commit of its own"):
        repository.push(worktree, prefix=PREFIX)


def test_a_network_that_fails_once_is_tried_again(
    worktree: Worktree, clone: Path, remote: Path, tmp_path: Path
) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text(
        f"#!/bin/sh\nif [ ! -e {tmp_path}/tried ]; then touch {tmp_path}/tried\n"
        'echo "ssh: connect to host server port 22: Connection timed out" >&2; exit 255; fi\n'
        'for last; do :; done; eval "$last"\n'
    )
    ssh.chmod(0o755)
    sh(clone, "config", "core.sshCommand", str(ssh))
    sh(clone, "remote", "set-url", "origin", f"ssh://server{remote}")
    repository = Repository(clone, lock_folder=tmp_path / "locks", patience=QUICK)
    head = commit_fix(repository, worktree)
    repository.push(worktree, prefix=PREFIX)
    assert (head, True) == (sh(remote, "rev-parse", BRANCH), (tmp_path / "tried").exists())


def test_an_error_shows_no_credentials(repository: Repository, clone: Path) -> None:
    sh(clone, "remote", "set-url", "origin", "ssh://fixer:hunter22@host/x.git")
    sh(clone, "config", "core.sshCommand", "echo denied for ssh://fixer:hunter22@host with t0ps3cret-token >&2; false")
    with pytest.raises(GitError) as caught:
        repository.fetch("main", environment={"FORGE_HEADER": "Authorization: t0ps3cret-token"})
    assert ("denied" in str(caught.value), "hunter22" in str(caught.value), "t0ps3cret" in str(caught.value)) == (
        True,
        False,
        False,
    )


def test_the_environment_of_a_push_reaches_git_and_its_hooks(
    worktree: Worktree, repository: Repository, clone: Path, tmp_path: Path
) -> None:
    hook = clone / ".git" / "hooks" / "pre-push"
    hook.write_text(f'#!/bin/sh\nprintf %s "$FORGE_TOKEN" > {tmp_path}/token\n')
    hook.chmod(0o755)
    commit_fix(repository, worktree)
    repository.push(worktree, prefix=PREFIX, environment={"FORGE_TOKEN": "t0ken"})
    assert (tmp_path / "token").read_text() == "t0ken"


def test_a_remote_that_is_not_configured_is_named(clone: Path, tmp_path: Path) -> None:
    repository = Repository(clone, lock_folder=tmp_path / "locks", remote="upstream")
    with pytest.raises(GitError, match="no remote 'upstream'"):
        repository.fetch("main")


def test_a_clone_of_another_user_is_explained_with_the_remedy(repository: Repository, clone: Path) -> None:
    with pytest.raises(GitError, match=rf"git config --global --add safe\.directory {clone}"):
        repository.fetch("main", environment={"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})


def test_a_folder_that_is_no_clone_is_refused(tmp_path: Path, clone: Path) -> None:
    for folder in (tmp_path / "nowhere", tmp_path, clone / "src"):
        with pytest.raises(GitError, match="no git clone"):
            Repository(folder, lock_folder=tmp_path / "locks")


def test_without_git_the_door_says_how_to_get_it(clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of its own, because GitPython looks for git once, when it is imported."""
    script = (
        "import sys; from pathlib import Path; from tasks.clients.git import Repository\n"
        "from tasks.core.errors import ToolMissingError\n"
        "try: Repository(Path(sys.argv[1]), lock_folder=Path(sys.argv[1]))\n"
        "except ToolMissingError as error: print(error)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, str(clone)],
        cwd=ROOT,
        env={"PATH": str(tmp_path / "empty"), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "apt-get install git" in result.stdout


# Files of a worktree


def test_a_file_that_is_rewritten_keeps_its_mode(worktree: Worktree) -> None:
    write_files(worktree, {"build.sh": b"#!/bin/sh\nexit 0\n", "new/deep/file.cpp": b"x"})
    assert (
        (worktree.path / "build.sh").stat().st_mode & 0o777,
        (worktree.path / "new/deep/file.cpp").stat().st_mode & 0o777,
        (worktree.path / "new/deep/file.cpp").read_bytes(),
    ) == (0o755, 0o644, b"x")


@pytest.mark.parametrize(
    "path",
    [
        "../outside", "/tmp/outside", "src/../../outside", "etc/passwd", "link/World.cpp", "link", ".git", "src",
        ".GIT/config", "src/.git/config", "git~1/config", "", "NUL", "src/con.cpp", "a\\b", "C:x", "src/x ", "src/x.",
        "a\0b", "./x",
    ],
)  # fmt: skip
def test_a_path_outside_is_refused_before_anything_is_written(worktree: Worktree, path: str) -> None:
    with pytest.raises(EditError):
        write_files(worktree, {"src/World.cpp": b"written", path: b"hostile"})
    assert (worktree.path / "src/World.cpp").read_bytes() == LATIN1


def test_a_refused_push_names_what_the_remote_said(repository: Repository, worktree: Worktree, remote: Path) -> None:
    hook = remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho frozen until Monday\nexit 1\n")
    hook.chmod(0o755)
    commit_fix(repository, worktree)
    with pytest.raises(GitError, match=r"remote: frozen until Monday; .*pre-receive hook declined"):
        repository.push(worktree, prefix="crashflow/")
