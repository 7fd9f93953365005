"""
Which parts of a server a crash touches, and whether it came from bots: read from the crashing thread's frames only.

A part is named by the folder of a frame's file, else by its namespace or class, else by its binary. Names that servers
of the TrinityCore family share have one spelling, wherever a fork keeps them.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import re2

from tasks.core.crash import Frame
from tasks.core.frames import base_name
from tasks.core.names import ANONYMOUS, LAMBDA, normalise

UNKNOWN = "unknown"
FRAMES_READ = 64
_NAMED = 6
_DEPTH = 12
_TEXT_LIMIT = 1000
_KEPT_PLACES = 4096
_KEPT_LENGTH = 512

_FAMILY = (
    ("NpcBots", r"(?i)^npc-?bots?$|^bot_\w+$|^Bot(Mgr|DataMgr)$"),
    ("Playerbot", r"^(?i:(mod-)?player-?bots?)$|^(Random)?Playerbot|^Bot[A-Z]\w+$|^Ai(Base)?ObjectContext$"),
    ("Sessions", r"^(World|Auth|Realm)Session\w*$|^sessions?$|^Sessions?$"),
    ("Network", r"(?i)^network(ing)?$|^(\w*Socket(Mgr|Thread)?|(World)?Packets?|OpcodeTable|\w*PacketHandl\w+)$"),
    (
        "Maps",
        r"(?i)^maps?$|^(Instance|Battleground)?Map$|^(Map)?UpdateRequest$|^Map(Mgr|Manager|Instanced|Updater|Ref\w*)$",
    ),
    ("Grids", r"(?i)^grids?$|^N?Grid\w*$|^Cell$|^(Object|Dynamic)?GridLoader$"),
    (
        "Collision",
        r"(?i)^collision$|^vmaps?$|^(BIH\w*|VMAP|VMapManager\d?|DynamicMapTree|GameObjectModel|\w*MapTree)$",
    ),
    ("Movement", r"(?i)^movement$|^(Move\w*|MotionMaster|\w*MovementGenerator|PathGenerator|MMAP|dtNavMesh\w*)$"),
    ("Spells", r"(?i)^spells?$|^auras?$|^Spell[A-Z]\w*$|^Aura\w*$|^spell_\w+$"),
    ("Combat", r"(?i)^combat$|^(Threat\w*|Combat\w+|HostileRef\w*)$"),
    ("Battlegrounds", r"(?i)^battlegrounds?$|^Battle(ground|Ground|field)\w*$|^Arena\w*$"),
    ("Scripts", r"(?i)^script(s|ing)$|^ScriptMgr$|^(npc|boss|go|at|item|instance)_\w+$"),
    ("AI", r"^AI$|^ai$|^Smart(AI|Script)\w*$|^\w+AI$"),
    ("Loot", r"(?i)^loot$|^Loot\w*$"),
    (
        "Entities",
        r"(?i)^entit(y|ies)$|^(Object(Guid|Mgr|Accessor)?|(World|Game)Object|Unit|Player|Creature|Item|Bag|Pet|Totem|Vehicle)$",
    ),
    (
        "Database",
        r"(?i)^(database|mysql|mariadb)$|^(MySQL\w*|PreparedStatement\w*|Database\w*|Field|ResultSet|QueryResult)$",
    ),
    ("World", r"(?i)^world$"),
)
_WORDS = re2.compile("|".join(f"(?P<{name}>{expression})" for name, expression in _FAMILY))
_BOT_WORDS = re2.compile("|".join(f"(?P<{name}>{expression})" for name, expression in _FAMILY[:2]))
_SAY_NOTHING = """
src source sources include inc lib libs server game common shared core main app apps build builds cmake
release debug relwithdebinfo code workspace work project projects repo home root users tmp mnt opt usr
var private detail details impl internal out
"""
_GENERIC = frozenset(_SAY_NOTHING.split())
_MODULE_FOLDERS = frozenset(
    {"modules", "plugins", "addons", "dep", "deps", "third_party", "third-party", "thirdparty", "vendor", "external"}
)
_ROOTS = frozenset({"src", "source", "sources"})
_LIBRARY_HEADER = "/include/c++/"
_HOMES = frozenset({"home", "users"})
_NO_PLACE = frozenset({ANONYMOUS, LAMBDA, "std", "boost", "ACE", "Trinity", "Acore", "MaNGOS"})

_OTHER_BOTS = re2.compile(r"(?i)auction(?:house)?bots?\w*|\bah_?bots?\w*")
_BOTS = re2.compile(r"(?i:player_?bots?|npc_?bots?)|(?:^|[^A-Z])Bots?(?:[A-Z_/\\:]|\b)|\bbots?(?:_\w|::|[/\\]|\b)")


@dataclass(frozen=True, kw_only=True)
class BotEvidence:
    """Whether bots were at work in the crashing thread, and the frame that says so."""

    is_bot_related: bool
    frame_index: int | None = None
    text: str | None = None


def find(frames: Sequence[Frame]) -> tuple[str, ...]:
    """Name the parts that these frames stand in, innermost first, each once; ``unknown`` where none tells."""
    found = dict.fromkeys(name for frame in frames[:_DEPTH] if (name := component(frame)))
    return tuple(found)[:_NAMED] or (UNKNOWN,)


def component(frame: Frame) -> str | None:
    """Name the part of the program that one frame stands in."""
    place = (frame.file, frame.function, base_name(frame.module))
    return _kept(*place) if sum(len(text or "") for text in place) <= _KEPT_LENGTH else _part(*place)


@functools.lru_cache(maxsize=_KEPT_PLACES)
def _kept(file: str | None, function: str | None, module: str) -> str | None:
    """Crashes of a server stand in the same few thousand functions."""
    return _part(file, function, module)


def _part(file: str | None, function: str | None, module: str) -> str | None:
    module_folder, folders, scopes = _module_folder(file), _folders(file), _scopes(function)
    if bots_part := _family((*folders, *scopes), _BOT_WORDS):
        return bots_part
    if module_folder:
        return _family((module_folder,), _WORDS) or module_folder
    family = _family((*folders[:1], *scopes, *folders[1:]), _WORDS)
    named = family or next(iter(folders), None) or next(iter(scopes), None)
    return named or (module or None if not function else None)


def bots(frames: Sequence[Frame]) -> BotEvidence:
    """Look for bots in the names and paths of the crashing thread; a checkout's own folder is no evidence."""
    for frame in frames[:FRAMES_READ]:
        for text in ((frame.function or "")[:_TEXT_LIMIT], _below_root(frame.file)):
            if "bot" in text.lower() and _BOTS.search(_OTHER_BOTS.sub("", text)):
                return BotEvidence(is_bot_related=True, frame_index=frame.index, text=text)
    return BotEvidence(is_bot_related=False)


def _family(words: Sequence[str], expression: "re2._Regexp") -> str | None:
    for word in words:
        if found := expression.search(word):
            return str(found.lastgroup)
    return None


def _module_folder(file: str | None) -> str | None:
    folders = _parts(file)[:-1]
    places = (position for position, part in enumerate(folders[:-1]) if part.casefold() in _MODULE_FOLDERS)
    first = next(places, None)
    return None if first is None else folders[first + 1]


def _folders(file: str | None) -> tuple[str, ...]:
    """Return the folders of a file that say something, from the outside in."""
    folders = () if _LIBRARY_HEADER in (file or "") else _parts(file)[:-1]
    roots = [position for position, part in enumerate(folders) if part.casefold() in _ROOTS]
    if roots:
        return tuple(part for part in folders[roots[-1] + 1 :] if _says_something(part))
    is_absolute = (file or "").startswith(("/", "\\")) or ":" in (file or "")[:3]
    told = tuple(part for part in folders if _says_something(part))
    return told[-1:] if is_absolute else told


def _parts(file: str | None) -> list[str]:
    parts = [part for part in (file or "")[-_TEXT_LIMIT:].replace("\\", "/").split("/") if part not in {"", ".", ".."}]
    if len(parts) > 1 and parts[0].endswith(":"):
        parts = parts[1:]
    return parts[2:] if len(parts) > 2 and parts[0].casefold() in _HOMES else parts


def _says_something(name: str) -> bool:
    return name[:1].isalpha() and name.casefold() not in _GENERIC and not name.startswith("ACE_")


def _scopes(function: str | None) -> tuple[str, ...]:
    """Return namespaces and classes of a function, from the outside in."""
    if not function:
        return ()
    scopes = normalise(function).split("::")[:-1]
    return tuple(scope for scope in scopes if scope and scope not in _NO_PLACE and _says_something(scope))


def _below_root(file: str | None) -> str:
    """Return the part of a path below the checkout: people name the checkout as they like."""
    if "bot" not in (file or "").lower():
        return ""
    parts = _parts(file)
    modules = [position for position, part in enumerate(parts) if part.casefold() in _MODULE_FOLDERS]
    roots = [position for position, part in enumerate(parts) if part.casefold() in _ROOTS]
    starts = modules[:1] or roots[-1:]
    return "/".join(parts[starts[0] + 1 :] if starts else parts[-3:])
