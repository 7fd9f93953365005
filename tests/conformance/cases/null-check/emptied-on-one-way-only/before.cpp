void Camp::Strike(bool isStorm)
{
    if (isStorm)
        m_tent.reset();

    m_tent->Despawn();
    ++m_struck;
}
