class A { Player* m_master; Player* m_bot; };
void A::Run(Spell* spell)
{
    if (m_bot->IsBot()) ++n;
    if (!m_master->IsBot())
        m_master->SetSpellModTakingSpell(spell, true);
}
