class Duo
{
    Player* m_tank;
    Player* m_healer;
};
