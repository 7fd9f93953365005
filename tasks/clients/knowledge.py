"""The knowledge that ships as files: stack lists and pattern packs."""

from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path

from tasks.core import frames, patterns
from tasks.core.frames import StackLists
from tasks.core.patterns import Fault, PatternPack


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


def read_packs(paths: Iterable[Path]) -> tuple[list[PatternPack], list[Fault]]:
    """Read the packs that are named, and those of folders by name; what can't be read is told and stops no other."""
    packs: list[PatternPack] = []
    faults: list[Fault] = []
    for file in (file for path in paths for file in _pack_files(path)):
        try:
            pack, found = patterns.read_pack(file.stem, file.read_text(encoding="utf-8"))
        except OSError as error:
            faults.append(Fault(pack=str(file), slug=None, reason=f"it can't be read: {error.strerror or error}."))
        except UnicodeDecodeError as error:
            faults.append(Fault(pack=str(file), slug=None, reason=f"it is not UTF-8: {error.reason}."))
        else:
            packs.append(pack)
            faults += found
    return packs, faults


def _pack_files(path: Path) -> Sequence[Path]:
    return sorted(path.glob("*.toml")) if path.is_dir() else [path]
