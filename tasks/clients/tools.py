"""The programs of the system that crashflow calls: what each is for, and how to get it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tasks.core.errors import ToolMissingError


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A program that an operator may have to install; any one of ``programs`` will do, the first is preferred."""

    name: str
    programs: tuple[str, ...]
    purpose: str
    install: str
    is_required: bool = True

    def find(self) -> Path | None:
        """Return the path of the first of the programs that is on PATH."""
        found = (shutil.which(program) for program in self.programs)
        return next((Path(path) for path in found if path), None)

    @property
    def how_to_get(self) -> str:
        """One sentence that names the program, its use, and the command that installs it."""
        return f"{self.name} is not installed; it is needed to {self.purpose}. Install it with: {self.install}"


TOOLS = (
    Tool(
        name="git",
        programs=("git",),
        purpose="keep each fix in its own worktree, commit and push it",
        install="apt-get install git",
    ),
    Tool(
        name="gdb",
        programs=("gdb",),
        purpose="read the stacks of an ELF core",
        install="apt-get install gdb",
    ),
    Tool(
        name="C++ compiler",
        programs=("g++", "c++", "clang++"),
        purpose="build and test a fix",
        install="apt-get install g++",
    ),
    Tool(
        name="cmake",
        programs=("cmake",),
        purpose="configure and build the server of the demo",
        install="apt-get install cmake make",
    ),
    Tool(
        name="make",
        programs=("make", "ninja"),
        purpose="build what cmake configured",
        install="apt-get install make",
    ),
    Tool(
        name="bubblewrap",
        programs=("bwrap",),
        purpose="keep the debugger and builds of a fix away from your files and network",
        install="apt-get install bubblewrap",
        is_required=False,
    ),
    Tool(
        name="ccache",
        programs=("ccache",),
        purpose="compile for a fix only what no fix before it compiled",
        install="apt-get install ccache",
        is_required=False,
    ),
    Tool(
        name="clang-tidy",
        programs=("clang-tidy",),
        purpose="look for mistakes in the lines that a fix changed, as the compiler sees them",
        install="apt-get install clang-tidy",
        is_required=False,
    ),
    Tool(
        name="cppcheck",
        programs=("cppcheck",),
        purpose="look for mistakes in the lines that a fix changed",
        install="apt-get install cppcheck",
        is_required=False,
    ),
)

_BY_NAME = {tool.name: tool for tool in TOOLS}


def find(name: str) -> Tool:
    """Return a tool by its name."""
    return _BY_NAME[name]


def explain(program: str) -> str:
    """Return what to do about a program that is not there: how to get it, where it is one that we know."""
    for tool in TOOLS:
        if program in tool.programs:
            return tool.how_to_get
    return f"{program} does not exist or is not on PATH; check the command in crashflow.toml."


def require(name: str) -> Path:
    """
    Return the program's path.

    Raises:
        ToolMissingError: it is not installed; the text says how to get it.
    """
    tool = _BY_NAME[name]
    path = tool.find()
    if path is None:
        raise ToolMissingError(tool.how_to_get)
    return path
