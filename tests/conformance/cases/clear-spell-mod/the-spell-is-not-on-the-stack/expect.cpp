SongEvent::~SongEvent()
{
    if (m_Spell->getState() != SPELL_STATE_FINISHED)
        m_Spell->cancel();

    if (auto* player = m_Spell->GetCaster()->ToPlayer())
        player->SetSpellModTakingSpell(m_Spell, false);

    if (m_Spell->IsDeletable())
        delete m_Spell;
    else
        LOG_ERROR("spells", "~SongEvent: the spell {} can't go yet.", m_Spell->m_spellInfo->Id);
}
