class A { Player* m_master; Player* m_bot; };
void A::Run(Spell* spell)
{
    if (m_bot->IsBot()) ++n;
    m_master->SetSpellModTakingSpell(spell, true);
}
