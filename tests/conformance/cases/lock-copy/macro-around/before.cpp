#define CHECKED(x) do { x; } while (0)

void Notifier::Tell()
{
#ifdef WITH_LISTENERS
    std::lock_guard<std::mutex> lock(_mutex);
    for (Listener* listener : _listeners)
    {
        CHECKED(listener->OnChange());
    }
#endif
}
