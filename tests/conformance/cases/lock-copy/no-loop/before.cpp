void Notifier::TellOne(Listener* listener)
{
    std::lock_guard<std::mutex> lock(_mutex);
    listener->OnChange(_listeners.size());
}
