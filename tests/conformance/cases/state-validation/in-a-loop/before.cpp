void BotAI::Greet()
{
    for (Player* friendly : m_friends)
    {
        if (!friendly)
            continue;

        float x = friendly->GetPositionX();
        Wave(x);
    }
}
