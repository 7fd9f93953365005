void Healer::Raise(Player* fallen)
{
    fallen->ResurrectPlayer(0.5f);
    fallen->SpawnCorpseBones();
    m_group->Welcome(fallen);
}
