void Trade::Finish()
{
    std::scoped_lock lock(_mutex, _other);
    for (Trader* trader : _traders)
        trader->OnFinish();
}
