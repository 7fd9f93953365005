"""The demo's server with its repositories and its configuration, built in seconds: for tests of all the rest."""

from pathlib import Path

from db.settings import Settings
from deployments import walkthrough
from deployments.walkthrough import KNOWN, Demo
from tasks.core.configuration import Configuration

UNITY = "set_target_properties(game tests PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)\n"
"""What is added to the server's CMakeLists.txt."""


def lay_out(home: Path) -> Demo:
    """Make project, clone and configuration in ``home / "demo"``; build the server in few large files, unoptimised."""
    demo = Demo(folder=home / "demo")
    walkthrough._lay_out(demo, Settings(configuration=Configuration(), state_folder=home))
    with (demo.clone / "CMakeLists.txt").open("a", encoding="utf-8") as text:
        text.write(UNITY)
    file = demo.folder / "crashflow.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("RelWithDebInfo", "Debug"), encoding="utf-8")
    commit(demo, "Build faster")
    walkthrough._build(demo)
    return demo


def commit(demo: Demo, message: str) -> None:
    """Commit what was changed in the clone, and push it."""
    walkthrough._git(demo.clone, "commit", "--quiet", "--all", f"--message={message}")
    walkthrough._git(demo.clone, "push", "--quiet", "origin", "HEAD:main")


def commit_all(demo: Demo, message: str) -> None:
    """The same with files that are new or gone."""
    walkthrough._git(demo.clone, "add", "--all", "src")
    commit(demo, message)


def leave_core(demo: Demo) -> Path:
    """Run the server into the known crash; its core lies outside of the watched folder, in ``kept``."""
    kept = demo.folder / "kept"
    kept.mkdir(exist_ok=True)
    return walkthrough._crash(demo, KNOWN).rename(kept / f"core.{KNOWN}")
