void BotAI::Act(Player* bot)
{
    if (bot->GetMap()->IsDungeon())
        Hide();
    else
        Show();
}
