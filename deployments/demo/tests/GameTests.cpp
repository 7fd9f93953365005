#include "Group.h"
#include "Map.h"
#include "ObjectAccessor.h"
#include "Player.h"
#include "PlayerbotAI.h"
#include "Spell.h"
#include "Tests.h"
#include "World.h"
#include "WorldSession.h"
#include "WorldSocket.h"

namespace
{
    /// A session with a player, and the client's end of its socket.
    struct Connection
    {
        Connection()
        {
            int ends[2];
            CHECK(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
            Client = std::make_unique<WorldSocket>(ends[1]);
            Session = std::make_unique<WorldSession>(1, std::make_shared<WorldSocket>(ends[0]));
            Session->SetPlayer(std::make_unique<Player>(1, "Aldren"));
        }

        std::unique_ptr<WorldSocket> Client;
        std::unique_ptr<WorldSession> Session;
    };
}

TEST_CASE("session-answers-ping")
{
    Connection connection;
    uint8 const ping[] = { CMSG_PING, 7 };
    connection.Client->Write(ping, sizeof(ping));

    CHECK(connection.Session->Update(10));
    CHECK(connection.Client->Update());
    CHECK(connection.Client->Received.size() == 1);
    CHECK(connection.Client->Received.front().Opcode == SMSG_PONG);
    CHECK(connection.Client->Received.front().Argument == 7);
}

TEST_CASE("session-kick")
{
    Connection connection;
    connection.Session->KickPlayer("test");

    CHECK(!connection.Session->Update(10));
    CHECK(connection.Session->GetPlayer() == nullptr);
    CHECK(!connection.Client->Update());
}

TEST_CASE("session-idle-player-is-disconnected")
{
    Connection connection;
    CHECK(connection.Session->Update(sWorld->GetSocketTimeOut() - 1));
    CHECK(!connection.Session->IsConnectionIdle());
    CHECK(!connection.Session->Update(1));
    CHECK(!connection.Client->Update());
}

TEST_CASE("session-bot-logout")
{
    WorldSession session(2, nullptr);
    session.SetPlayer(std::make_unique<Player>(2, "Valeera"));
    CHECK(session.IsBot());
    CHECK(session.Update(10));
    session.QueuePacket({ CMSG_LOGOUT_REQUEST, 0 });
    CHECK(!session.Update(10));
}

TEST_CASE("aura-stacking")
{
    Player player(1, "Aldren");
    for (int i = 0; i < 5; ++i)
        player.AddAura(*GetSpellInfo(SPELL_LIFEBLOOM));

    CHECK(player.GetAuraStackAmount(SPELL_LIFEBLOOM) == 3);
    player.Update(199);
    CHECK(player.HasAura(SPELL_LIFEBLOOM));
    player.Update(1);
    CHECK(!player.HasAura(SPELL_LIFEBLOOM));
}

TEST_CASE("spell-cast-time")
{
    Player player(1, "Aldren");
    CHECK(!player.CastSpell(1));
    CHECK(player.CastSpell(SPELL_LIFEBLOOM));
    player.Update(39);
    CHECK(!player.HasAura(SPELL_LIFEBLOOM));
    player.Update(1);
    CHECK(player.HasAura(SPELL_LIFEBLOOM));
    CHECK(player.m_spellModTakingSpell == nullptr);

    player.CastSpell(SPELL_REJUVENATION);
    player.m_Events.KillAllEvents();
    player.Update(1);
    CHECK(!player.HasAura(SPELL_REJUVENATION));
}

TEST_CASE("player-repop-and-resurrect")
{
    Player player(1, "Aldren");
    player.KillPlayer();
    CHECK(player.isDead());
    CHECK(!player.CanProc());
    player.Update(99);
    CHECK(!player.HasAura(SPELL_GHOST));
    player.Update(1);
    CHECK(player.HasAura(SPELL_GHOST));
    player.Update(100000);
    CHECK(player.HasAura(SPELL_GHOST));
    player.ResurrectPlayer();
    CHECK(!player.HasAura(SPELL_GHOST));
    CHECK(!player.isDead());
    CHECK(player.CanProc());
}

TEST_CASE("spell-that-travels")
{
    Player player(1, "Aldren");
    CHECK(player.CastSpell(SPELL_FROSTBOLT));
    player.Update(20);
    CHECK(player.m_spellModTakingSpell != nullptr);
    player.Update(59);
    CHECK(!player.HasAura(SPELL_FROSTBOLT));
    player.Update(1);
    player.Update(1);
    CHECK(player.HasAura(SPELL_FROSTBOLT));
    CHECK(player.m_spellModTakingSpell == nullptr);
}

TEST_CASE("players-are-found-by-guid")
{
    {
        Player player(17, "Aldren");
        CHECK(ObjectAccessor::FindConnectedPlayer(17) == &player);
        CHECK(ObjectAccessor::FindConnectedPlayer(18) == nullptr);
    }
    CHECK(ObjectAccessor::FindConnectedPlayer(17) == nullptr);
}

TEST_CASE("collision-tree-finds-what-moved")
{
    GameObjectModel bridge(0.0f, 50.0f, 4.0f);
    GameObjectModel ship(100.0f, 140.0f, 2.0f);
    DynamicMapTree tree;
    CHECK(tree.getHeight(10.0f) == 0.0f);
    tree.insert(bridge);
    tree.insert(ship);
    CHECK(tree.getHeight(10.0f) == 4.0f);
    CHECK(tree.getHeight(130.0f) == 2.0f);
    CHECK(tree.getHeight(75.0f) == 0.0f);
    ship.MoveBack(180.0f);
    tree.changed();
    CHECK(tree.getHeight(170.0f) == 2.0f);
    tree.remove(ship);
    CHECK(tree.getHeight(170.0f) == 0.0f);
}

TEST_CASE("map-add-remove")
{
    Map map(571);
    Player first(1, "Aldren");
    Player second(2, "Dorian");
    map.AddPlayerToMap(&first);
    map.AddPlayerToMap(&second);
    first.m_Events.AddEventAtOffset([&] { map.RemovePlayerFromMap(&second); }, 1ms);

    map.Update(1);
    CHECK(map.GetPlayersCount() == 1);
    CHECK(first.GetMap() == &map);
    CHECK(!second.IsInWorld());
}

TEST_CASE("loot-roll-need-goes-round")
{
    auto group = std::make_shared<Group>();
    group->AddMember(1);
    group->AddMember(2);
    Player bot(2, "Valeera");
    bot.SetGroup(group);
    BotLootMgr loot(&bot);
    loot.OpenRolls({ 50012, 50061, 50178 });

    CHECK(loot.ChooseRoll() == ROLL_GREED);
    CHECK(loot.ChooseRoll() == ROLL_NEED);
    CHECK(loot.ChooseRoll() == ROLL_GREED);
    CHECK(!loot.HasOpenRolls());
}
