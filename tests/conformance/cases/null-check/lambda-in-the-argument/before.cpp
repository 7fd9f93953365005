void GroupMgr::Each(Group* group)
{
    group->ForEach([this](Player* member) { m_seen.insert(member->GetGUID()); });
    Save();
}
