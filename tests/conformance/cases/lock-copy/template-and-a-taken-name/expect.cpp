template <class Event>
void Hub<Event>::Publish(Event const& event, int subscribers)
{
    std::unique_lock<std::mutex> lock(m_mutex);
    auto const subscribersCopy = m_subscribers;
    lock.unlock();

    for (Subscriber<Event>* each : subscribersCopy)
        each->Take(event, subscribers);
}
