void Who::Split(std::vector<ObjectGuid>& guids, std::vector<uint8>& levels)
{
    for (auto const& [guid, match] : m_byGuid)
    {
        guids.push_back(guid);
        levels.push_back(match->GetLevel());
    }
}
