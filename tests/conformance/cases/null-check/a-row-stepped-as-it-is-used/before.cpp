void Board::Fill()
{
    uint32 row = 0;
    for (Player* player : m_players)
    {
        uint32 const kills = player->GetKills();
        m_rows[row++].kills = kills;
    }
}
