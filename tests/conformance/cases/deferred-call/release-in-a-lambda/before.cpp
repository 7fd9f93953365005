void DeathHandler::Later(Player* ghost)
{
    m_pool.Run([ghost]()
    {
        LOG("ghost");
        ghost->BuildPlayerRepop();
    });
}
