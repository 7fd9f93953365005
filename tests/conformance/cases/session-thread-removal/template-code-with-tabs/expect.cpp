template <class T>
void Pool<T>::Drain()
{
	for (T* puppet : m_all)
	{
		puppet->GetSession()->LogoutPlayer(true);
	}
	m_all.clear();
}
