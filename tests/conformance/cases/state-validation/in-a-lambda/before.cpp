void BotAI::Later()
{
    m_tasks.Add([this](Unit* prey)
    {
        Log("later");
        prey->Whistle(1);
    });
}
