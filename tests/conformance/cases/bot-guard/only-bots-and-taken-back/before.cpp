void PuppetAI::CastSpell(Spell* spell)
{
    if (!m_bot->IsBot())
        return;
    m_bot->SetSpellModTakingSpell(spell, true);
    spell->prepare();
    m_bot->SetSpellModTakingSpell(spell, false);
}
