void Guild::Gather(std::vector<uint8>& levels)
{
    levels.reserve(m_members.size());
    ForEachMember([&levels](Member* member)
    {
        if (!member)
            return;

        uint8 const level = member->GetLevel();
        levels.push_back(level);
    });
}
