std::string BotText::ClassName(Unit const* target)
{
    Player const* player = target->ToPlayer();

    if (!player)
        return {};

    switch (player->getClass())
    {
        case CLASS_WARRIOR:
            return "warrior";
        case CLASS_MAGE:
            return "mage";
        default:
            return "";
    }
}
