void Who::SendShort(Player* to)
{
    WorldPackets::Who::Response response;
    response.Number = m_matches.size();
    for (Player* match : m_matches)
        response.Guids.push_back(match->GetGUID());

    to->SendDirectMessage(response.Write());
}
