void Medic::AndThen(Player* bot, std::function<void(ObjectGuid)> const& revived)
{
    ObjectGuid const guid = bot->GetGUID();
    bot->ResurrectPlayer(0.5f);
    revived(guid);
}
