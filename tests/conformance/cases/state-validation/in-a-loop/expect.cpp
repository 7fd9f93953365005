void BotAI::Greet()
{
    for (Player* friendly : m_friends)
    {
        if (!friendly)
            continue;

        if (!friendly->IsInWorld() || friendly->IsBeingTeleported())
            continue;

        float x = friendly->GetPositionX();
        Wave(x);
    }
}
