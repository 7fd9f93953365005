bool Keeper::IsDone(Player* bot)
{
    InstanceScript* script = bot->GetMap()->GetInstanceScript();
    if (!script)
        return false;
    return script->GetBossState(m_boss) == DONE;
}
