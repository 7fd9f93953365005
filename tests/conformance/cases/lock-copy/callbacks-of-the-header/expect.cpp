void Dispatcher::Fire(Args const& args)
{
    std::unique_lock<std::mutex> lock(_callbacksMutex);
    auto const callbacks = _callbacks;
    lock.unlock();

    for (auto const& callback : callbacks)
        callback(args);
}
