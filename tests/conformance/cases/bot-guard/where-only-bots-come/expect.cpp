void BotSpells::Forget(Player* bot)
{
    if (!bot->IsBot())
        return;

    bot->InterruptNonMeleeSpells(false);
    bot->RemoveAllAttackers();
}
