class Pair
{
    Player* m_left;
    Player* m_right;
};

void Pair::Wake()
{
    m_left->StopMoving();
    m_right->m_Events.AddEventAtOffset([guid = m_right->GetGUID()]()
    {
        Player* right = ObjectAccessor::FindConnectedPlayer(guid);
        if (!right || !right->IsInWorld() || right->IsAlive())
            return;

        right->ResurrectPlayer(1.0f);
    }, 100ms);
}
