std::string BotText::ClassName(Unit const* target)
{
    Player const* player = target->ToPlayer();

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
