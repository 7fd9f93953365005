uint32 Census::Count(Player* player)
{
    uint32 number = 0;
    if (player->GetMap()->IsRaid() || m_isWhole)
        ++number;

    return number;
}
