void SpellEvent::Abort(uint64 /*e_time*/)
{
    Player* player = m_Spell->GetCaster()->ToPlayer();
    if (player && player->GetSession()->IsBot())
        ++sBotStats->aborted;

    if (player)
        player->SetSpellModTakingSpell(m_Spell, false);

    if (m_Spell->getState() != SPELL_STATE_FINISHED)
        m_Spell->cancel();
}
