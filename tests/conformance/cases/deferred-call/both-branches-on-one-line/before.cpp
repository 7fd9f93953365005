void Herder::Count(Player* sheep)
{
    if (!sheep->IsAlive()) sheep->RepopAtGraveyard(); else ++m_alive;
}
