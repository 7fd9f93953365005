template <class T>
struct Handle
{
    T* operator->() const { return Pool::Instance().Resolve<T>(index); }
    uint32 index;
};

void BotCache::Touch(Handle<BotEntry> entry)
{
    entry->lastUse = m_now;
    ++m_touched;
}
