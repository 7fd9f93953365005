void Camp::Strike()
{
    m_tent = nullptr;
    ++m_struck;
    m_tent->Despawn();
}
