class Pair
{
    Player* m_tank;
    Player* m_healer;
};
