class Pair
{
    Player* m_left;
    Player* m_right;
};

void Pair::Wake()
{
    m_left->StopMoving();
    m_right->ResurrectPlayer(1.0f);
}
