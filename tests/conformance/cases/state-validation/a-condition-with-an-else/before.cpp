void Census::Sort(Player* player)
{
    if (player->GetMap()->IsRaid())
        m_raiders.push_back(player->GetGUID());
    else
        m_others.push_back(player->GetGUID());
}
