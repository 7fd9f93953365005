void CastBook::Charge(Player* caster, Spell* spell)
{
    m_last = spell->GetId();
    caster->ApplySpellModCharges(spell);
}

static bool IsPlayerBot(Player const* player)
{
    return player && player->GetSession() && player->GetSession()->IsBot();
}
