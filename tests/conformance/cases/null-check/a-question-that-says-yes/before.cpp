bool Quests::IsShared(Player* player)
{
    Group const* group = player->GetGroup();
    if (group->HasMember(m_owner))
        return true;

    return false;
}
