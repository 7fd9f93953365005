void Hello::Count(Player* player)
{
    if (player->IsBot())
        ++m_bots;
}

void Hello::Send(Player* player)
{
    player->GetSession()->GetSocket()->Open();
    player->GetSession()->GetSocket()->Write(m_hello);
}
