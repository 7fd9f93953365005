void A::Run(Player* bot, Spell* spell)
{
    if (!bot || !spell)
        return;
    m_isBot = bot->IsBot();
    if (bot->IsInWorld())
        bot->RestoreSpellMods(spell);
}
