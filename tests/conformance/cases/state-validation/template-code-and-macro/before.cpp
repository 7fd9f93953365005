template <class T>
PB_API void Visitor<T>::Visit(Player* bot, T& what)
{
    TRACE(visit);
    bot->UpdateVisibilityOf(&what);
}
