void Greeter::Greet(Player* bot)
{
    if (bot->IsInWorld() && !bot->IsBeingTeleported())
        for (auto const& ref : bot->GetMap()->GetPlayers())
            if (Player* other = ref.GetSource())
                Say(bot, other);
    ++m_rounds;
}
