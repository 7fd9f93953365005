void Pool::Run()
{
    std::lock_guard<std::mutex> lock(_mutex);
    for (Task* task : _tasks)
        task->Run();
}

void Pool::Remove(uint32 id)
{
    std::lock_guard<std::mutex> lock(_mutex);
    auto it = _tasks.find(id);
    delete *it;
    _tasks.erase(it);
}
