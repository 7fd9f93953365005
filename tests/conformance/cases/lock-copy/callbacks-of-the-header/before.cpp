void Dispatcher::Fire(Args const& args)
{
    std::lock_guard<std::mutex> lock(_callbacksMutex);
    for (auto const& callback : _callbacks)
        callback(args);
}
