int32 Costs::Of(Player* caster, SpellInfo const* info, Spell* spell)
{
    int32 price = info->ManaCost;
    if (caster->IsBot() && m_isFreeForBots)
        return 0;

    caster->ApplySpellMod(info, SPELLMOD_COST, price, spell);
    return price;
}
