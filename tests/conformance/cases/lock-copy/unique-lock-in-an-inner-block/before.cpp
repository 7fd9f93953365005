void Notifier::Tell(int n)
{
    Prepare();
    {
        std::unique_lock lock{ this->_mutex };
        for (auto* each : this->_listeners)
            each->OnChange(n, this);
    }
    _count += n;
}
