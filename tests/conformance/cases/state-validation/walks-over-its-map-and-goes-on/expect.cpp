bool Healer::Help(Player* bot)
{
    if (!bot->IsInWorld() || bot->IsBeingTeleported())
        return false;

    for (auto const& ref : bot->GetMap()->GetPlayers())
        if (ref.GetSource() == m_master)
            return true;
    bot->CastSpell(bot, m_spell, true);
    return false;
}
