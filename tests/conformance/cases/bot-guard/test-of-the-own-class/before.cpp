void BotSession::Report() const
{
    if (IsBot())
        LOG_INFO("bots", "session {}", m_id);
}

void BotSession::OnCast(Spell* spell)
{
    if (!m_player)
        return;

    m_player->SetSpellModTakingSpell(spell, true);
    m_last = spell;
}
