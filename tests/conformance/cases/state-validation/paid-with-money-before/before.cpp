void Keeper::Hire(Player* bot)
{
    bot->ModifyMoney(-100);
    bot->SummonCreature(NPC_GUARD, bot->GetPosition());
}
