void DeathHandler::Later(Player* ghost)
{
    m_bots.Visit([ghost]()
    {
        LOG("ghost");
        ghost->BuildPlayerRepop();
    });
}
