void Channel::List(Player* to)
{
    std::ostringstream text;
    bool first = true;
    for (auto const& [guid, info] : m_members)
    {
        Player* member = ObjectAccessor::FindPlayer(guid);
        if (!first)
            text << ", ";
        std::string const name = member->GetName();
        text << name;
        first = false;
    }
    to->Say(text.str());
}
