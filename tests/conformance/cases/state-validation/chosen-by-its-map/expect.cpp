void Tally::Count(Player* bot)
{
    if (bot->IsInWorld() && !bot->IsBeingTeleported())
        switch (bot->GetMap()->GetDifficulty())
        {
            case DIFFICULTY_HEROIC:
                ++m_heroic;
                break;
            default:
                ++m_normal;
                break;
        }
}
