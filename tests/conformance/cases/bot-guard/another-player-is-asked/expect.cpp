void Charges::Lend(Player* lender, Player* borrower, Spell* spell)
{
    if (lender->IsBot())
        return;

    if (!borrower->IsBot())
        borrower->m_spellModTakingSpell = spell;
    ++m_lent;
}
