bool Filter::Skips(Player* player)
{
    if (player == nullptr)
        return true;

    Guild* guild = player->GetGuild();
    if (!guild)
        return true;

    return guild->GetId() == m_guildId;
}
