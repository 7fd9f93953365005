#if 0
static bool IsBot(Player const* player) { return player->GetSession()->IsBot(); }
#endif

void SpellHelper::Draw(Player* caster, Spell* spell)
{
    caster->ApplySpellModCharges(spell);
    ++m_draws;
}
