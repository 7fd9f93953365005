class BotAI
{
    Player* m_self;
    Player* m_owner;
};

void BotAI::Follow()
{
    m_self->StopMoving();
    m_owner->VisitNearbyObjects(5);
}
