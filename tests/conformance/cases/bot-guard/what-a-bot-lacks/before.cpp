void Crier::Tell(SessionMap const& sessions, std::string const& text)
{
    for (auto const& [id, session] : sessions)
    {
        Player* hearer = session->GetPlayer();
        if (!hearer)
            continue;

        if (hearer->IsBot())
            ++m_bots;
        hearer->GetSocial()->Announce(text);
        ++m_told;
    }
}
