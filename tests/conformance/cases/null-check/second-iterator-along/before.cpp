void Names::Pair(std::vector<std::string> const& titles)
{
    auto title = titles.begin();
    for (auto const& [id, owner] : m_owners)
    {
        std::string const name = owner->GetName();
        m_full[id] = name + *title;
        std::advance(title, 1);
    }
}
