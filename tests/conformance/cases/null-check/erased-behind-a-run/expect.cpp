void Pool::Despawn()
{
    for (auto itr = m_spawned.begin(); itr != m_spawned.end(); )
    {
        Creature* creature = GetCreature(*itr);
        if (creature)
        {
            creature->DespawnOrUnsummon();
            creature->AddObjectToRemoveList();
        }
        itr = m_spawned.erase(itr);
    }
}
