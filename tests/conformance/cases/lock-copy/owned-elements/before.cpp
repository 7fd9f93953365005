class Pool
{
    std::mutex _mutex;
    std::vector<std::unique_ptr<Task>> _tasks;
};

void Pool::Run()
{
    std::lock_guard<std::mutex> lock(_mutex);
    for (auto const& task : _tasks)
        task->Run();
}
