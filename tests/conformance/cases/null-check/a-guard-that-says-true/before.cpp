bool Filter::Skips(Player* player)
{
    if (player == nullptr)
        return true;

    Guild* guild = player->GetGuild();
    return guild->GetId() == m_guildId;
}
