bool Keeper::IsDone(Player* bot)
{
    if (!bot->IsInWorld() || bot->IsBeingTeleported())
        return false;

    InstanceScript* script = bot->GetMap()->GetInstanceScript();
    if (!script)
        return false;
    return script->GetBossState(m_boss) == DONE;
}
