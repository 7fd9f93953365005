void Camp::Strike(bool isStorm)
{
    if (isStorm)
        m_tent.reset();

    if (m_tent)
        m_tent->Despawn();
    ++m_struck;
}
