"""The knowledge that ships as files: stack lists and pattern packs."""

from importlib import resources

from tasks.core import frames, patterns
from tasks.core.frames import StackLists
from tasks.core.patterns import PatternPack


def stack_lists() -> StackLists:
    """Read the stack lists of ``tasks/core/stack_lists``."""
    folder = resources.files("tasks.core") / "stack_lists"
    return StackLists.from_texts(
        {name: (folder / f"{name}.txt").read_text(encoding="utf-8") for name in frames.LIST_NAMES}
    )


def pattern_packs() -> list[PatternPack]:
    """
    Read the packs of ``deployments/patterns``, by name.

    Raises:
        ConfigurationError: a pack is wrong.
    """
    folder = resources.files("deployments") / "patterns"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return [patterns.parse_pack(file.name.removesuffix(".toml"), file.read_text(encoding="utf-8")) for file in files]
