void BotAI::Later()
{
    m_tasks.Add([this](Unit* prey)
    {
        Log("later");
        if (prey->IsInWorld())
            prey->Whistle(1);
    });
}
