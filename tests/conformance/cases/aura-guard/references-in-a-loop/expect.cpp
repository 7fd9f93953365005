void A::Run(Player* bot)
{
    for (Creature& each : m_pack)
        if (!each.HasAura(SPELL_BLESS))
            bot->CastSpell(&each, SPELL_BLESS, true);
}
