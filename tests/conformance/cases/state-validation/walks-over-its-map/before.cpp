void Greeter::Greet(Player* bot)
{
    for (auto const& ref : bot->GetMap()->GetPlayers())
        if (Player* other = ref.GetSource())
            Say(bot, other);
    ++m_rounds;
}
