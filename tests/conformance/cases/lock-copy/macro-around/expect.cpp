#define CHECKED(x) do { x; } while (0)

void Notifier::Tell()
{
#ifdef WITH_LISTENERS
    std::unique_lock<std::mutex> lock(_mutex);
    auto const listeners = _listeners;
    lock.unlock();

    for (Listener* listener : listeners)
    {
        CHECKED(listener->OnChange());
    }
#endif
}
