void SpellHelper::Use(Player* caster, Spell* spell, std::queue<uint32>& charges)
{
    if (caster->IsBot())
        ++m_bots;

    while (!charges.empty())
        caster->TakeSpellModCharge(spell, PopCharge(charges));
}
