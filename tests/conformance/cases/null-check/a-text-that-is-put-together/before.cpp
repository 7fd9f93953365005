std::string Channel::Join()
{
    std::string text;
    for (Member* member : m_members)
    {
        std::string const& name = member->Name;
        text += name;
        text += ' ';
    }
    return text;
}
