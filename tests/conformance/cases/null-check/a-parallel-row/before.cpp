void ScoreBoard::Fill(std::vector<Player*> const& players)
{
    uint32 row = 0;
    for (Player* player : players)
    {
        uint32 const kills = player->GetKillingBlows();
        m_rows[row].kills = kills;
        ++row;
    }
}
