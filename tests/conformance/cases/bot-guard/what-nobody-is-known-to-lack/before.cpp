void Crier::Tell(Player* hearer, std::string const& text)
{
    hearer->GetSocial()->Announce(text);
    ++m_told;
}
