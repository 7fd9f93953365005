void Choir::Start(Player* singer, Spell* song)
{
    singer->SetSpellModTakingSpell(song, true);
    m_song = song;
}

void Choir::Stop(Player* singer)
{
    singer->SetSpellModTakingSpell(m_song, false);
    m_song = nullptr;
}

size_t Choir::Bots() const
{
    return std::count_if(m_singers.begin(), m_singers.end(), [](Player* each) { return each->IsBot(); });
}
