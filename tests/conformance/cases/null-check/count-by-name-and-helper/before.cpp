void Who::Send(Player* to)
{
    WorldPacket data(SMSG_WHO, 50);
    auto const matchCount = static_cast<uint32>(m_matches.size());
    WriteHeader(data, matchCount);
    for (Player* match : m_matches)
    {
        uint8 const level = match->GetLevel();
        WriteMatch(data, match->GetName(), level);
    }
    to->SendDirectMessage(&data);
}
