void A::Run(Player* bot)
{
    for (Creature& each : m_pack)
        bot->CastSpell(&each, SPELL_BLESS, true);
}
