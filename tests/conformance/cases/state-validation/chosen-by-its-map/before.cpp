void Tally::Count(Player* bot)
{
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
