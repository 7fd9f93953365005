void Hub::Tick(Hub& other, uint32 diff)
{
    std::lock_guard<std::mutex> guard(other._mutex);
    for (std::shared_ptr<Listener> const& listener : _listeners)
        listener->OnTick(diff);
}
