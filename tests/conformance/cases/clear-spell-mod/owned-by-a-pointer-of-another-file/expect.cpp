SongEvent::SongEvent(Spell* song) : BasicEvent(), m_Spell(song)
{
}

SongEvent::~SongEvent()
{
    if (m_Spell->getState() != SPELL_STATE_FINISHED)
        m_Spell->cancel();

    if (auto* player = m_Spell->GetCaster()->ToPlayer())
        player->SetSpellModTakingSpell(m_Spell.get(), false);

    if (!m_Spell->IsDeletable())
    {
        TC_LOG_ERROR("spells", "~SongEvent: {} can't delete {}.", m_Spell->GetCaster()->GetName(), m_Spell->m_spellInfo->Id);
        ABORT();
    }
}
