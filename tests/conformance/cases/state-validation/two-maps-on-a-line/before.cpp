void Keeper::Pair(Player* bot, Player* foe)
{
    bot->GetMap()->Pair(foe->GetMap());
}
