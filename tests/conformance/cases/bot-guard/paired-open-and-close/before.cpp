static bool IsPlayerBot(Player const* player)
{
    return player && player->GetSession() && player->GetSession()->IsBot();
}


void SpellHelper::Cast(Player* caster, Spell* spell)
{
    caster->SetSpellModTakingSpell(spell, true);
    spell->HandleEffects(caster);
    caster->SetSpellModTakingSpell(spell, false);

    if (IsPlayerBot(caster))
        ++m_bots;
}
