void Who::Collect(std::vector<uint32>& levels)
{
    levels.reserve(m_matches.size());
    for (Player* match : m_matches)
    {
        if (!match)
            continue;

        uint8 const level = match->GetLevel();
        levels.push_back(level);
    }
}
