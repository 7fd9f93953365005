void A::Run(Player* player, Player* target, Spell* spell)
{
    if (target->IsBot())
        ++m_bots;
    if (!target->IsBot())
    {
        player->RestoreSpellMods(spell);
        target->Say("hi");
    }
}
