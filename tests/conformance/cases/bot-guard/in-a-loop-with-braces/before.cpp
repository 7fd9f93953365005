void Herd::Charge(Spell* spell)
{
    for (Player* each : m_members)
    {
        if (each->IsBot())
        {
            ++m_bots;
        }
        each->DropModCharges(spell);
        each->RemoveSpellMods(spell);
    }
}
