class BotAI
{
    Player* m_self;
    Player* m_owner;
};

void BotAI::Follow()
{
    m_self->StopMoving();
    if (m_owner->IsInWorld() && !m_owner->IsBeingTeleported())
        m_owner->VisitNearbyObjects(5);
}
