template <class Event>
void Hub<Event>::Publish(Event const& event, int subscribers)
{
    std::lock_guard<std::mutex> lock(m_mutex);
    for (Subscriber<Event>* each : m_subscribers)
        each->Take(event, subscribers);
}
