void Notifier::Tell(int n)
{
    Prepare();
    {
        std::unique_lock lock{ this->_mutex };
        auto const listeners = this->_listeners;
        lock.unlock();

        for (auto* each : listeners)
            each->OnChange(n, this);
    }
    _count += n;
}
