void Charges::Lend(Player* lender, Player* borrower, Spell* spell)
{
    if (lender->IsBot())
        return;

    borrower->m_spellModTakingSpell = spell;
    ++m_lent;
}
