static bool IsPlayerBot(Player const* player)
{
    return player && player->GetSession() && player->GetSession()->IsBot();
}

void CastBook::Charge(Player* caster, Spell* spell)
{
    if (!spell->IsTriggered())
    {
        m_last = spell->GetId();
        if (!IsPlayerBot(caster))
            caster->ApplySpellModCharges(spell);
    }
}
