void Crier::Tell(SessionMap const& sessions, std::string const& text)
{
    for (auto const& [id, session] : sessions)
    {
        Player* hearer = session->GetPlayer();
        if (!hearer)
            continue;

        if (hearer->IsBot())
            ++m_bots;
        if (!hearer->IsBot())
            hearer->GetSocial()->Announce(text);
        ++m_told;
    }
}
