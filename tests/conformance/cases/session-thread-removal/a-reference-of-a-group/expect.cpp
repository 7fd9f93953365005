void RaidMgr::Disband(Group* group)
{
    for (GroupReference* itr = group->GetFirstMember(); itr != nullptr; itr = itr->next())
    {
        if (Player* member = itr->GetSource())
        {
            member->GetSession()->LogoutPlayer(true);
        }
    }
}
