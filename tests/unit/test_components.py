"""Components: which part of a server a frame stands in, and whether bots were at work."""

import pytest

from tasks.core import components
from tasks.core.crash import Frame


@pytest.mark.parametrize(
    ("function", "file", "expected"),
    [
        pytest.param("Map::AddToGrid", None, "Maps", id="a class of the family without a file"),
        pytest.param("Map::AddToGrid", r"C:\build\src\game\Map.cpp", "Maps", id="an old flat layout"),
        pytest.param("Totem::Update", "/b/src/server/game/Entities/Totem/Totem.cpp", "Entities", id="a family folder"),
        pytest.param("WorldSession::Kick", "/b/src/server/game/Server/WorldSession.cpp", "Sessions", id="a session"),
        pytest.param("Foo::run", "/b/modules/mod-player-bots/src/ai/Foo.cpp", "Playerbot", id="a bot module"),
        pytest.param("Player::Jump", "/b/modules/mod-races/src/Jump.cpp", "mod-races", id="another module's own name"),
        pytest.param("npc_innkeeper::talk", None, "Scripts", id="a script by its prefix"),
        pytest.param("decode", "/home/ann/relay/src/net/http/frame.cc", "net", id="the outermost folder below src"),
        pytest.param("decode", "/home/ann/relay/http/frame.cc", "http", id="the nearest folder without a root"),
        pytest.param("relay::wire::Frame::decode", None, "relay", id="a namespace"),
        pytest.param("relay::detail::decode", "/b/src/detail/x.cc", "relay", id="no folder that says nothing"),
        pytest.param("std::sort", "/usr/include/c++/12/bits/stl_algo.h", None, id="nothing for the library"),
        pytest.param("main", "main.cpp", None, id="nothing for a bare function"),
    ],
)
def test_a_frame_stands_in_a_part(function: str, file: str | None, expected: str | None) -> None:
    assert expected == components.component(Frame(index=0, function=function, file=file))


def test_a_frame_without_a_symbol_stands_in_its_binary() -> None:
    assert "relay.dll" == components.component(Frame(index=0, module=r"C:\x\relay.dll", offset=4))


def test_parts_come_once_and_innermost_first() -> None:
    names = ("Spell::cast", "Unit::Attack", "Spell::Spell")
    assert ("Spells", "Entities") == components.find([Frame(index=i, function=name) for i, name in enumerate(names)])


@pytest.mark.parametrize(
    ("function", "file", "expected"),
    [
        pytest.param("BotLoot::roll", None, True, id="a class of bots"),
        pytest.param("RandomPlayerbotMgr::tick", None, True, id="a manager of bots"),
        pytest.param("bot_ai::OnDeath", None, True, id="npcbots"),
        pytest.param("Engine::step", "/b/modules/mod-playerbots/src/Engine.cpp", True, id="a bot module's file"),
        pytest.param("Map::Update", "/opt/server-playerbots/src/game/Map.cpp", False, id="no checkout's own name"),
        pytest.param("Map::Update", "/opt/src/my-playerbots/src/game/Map.cpp", False, id="no folder above the root"),
        pytest.param("AuctionHouseBot::Update", None, False, id="no auction house bot"),
        pytest.param("Bottom::fill", None, False, id="no word that begins so"),
        pytest.param("robot::Arm::move", None, False, id="no word that ends so"),
    ],
)
def test_bots_are_told_by_names_and_folders(function: str, file: str | None, expected: bool) -> None:
    assert expected is components.bots([Frame(index=0, function=function, file=file)]).is_bot_related
