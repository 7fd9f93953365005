bool BotLoot::Collect()
{
    for (ObjectGuid guid : m_corpses)
    {
        Creature* corpse = ObjectAccessor::GetCreature(*m_bot, guid);
        if (!corpse)
            continue;
        m_bot->GetMap()->LoadGrid(corpse->GetPositionX(), corpse->GetPositionY());
        ++m_loaded;
    }
    return m_loaded > 0;
}
