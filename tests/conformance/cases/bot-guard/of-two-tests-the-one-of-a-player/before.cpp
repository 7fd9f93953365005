void GuildHelper::Note(PlayerbotAI* ai)
{
    if (ai->IsBot())
        ++m_bots;
}

void GuildHelper::Tick(Player* leader)
{
    if (leader->GetSession()->IsBot())
        return;

    m_leader = leader->GetGUID();
}

void GuildHelper::Empower(Unit* target, SpellModifier* mod)
{
    Player* member = target->ToPlayer();
    for (SpellModifier* each : m_mods)
    {
        if (each == mod)
            continue;

        member->AddSpellMod(each, true);
    }
}
