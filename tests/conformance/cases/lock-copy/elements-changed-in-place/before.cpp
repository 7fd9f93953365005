void Queue::Drain()
{
    std::lock_guard<std::mutex> lock(_mutex);
    for (std::shared_ptr<Task>& task : _tasks)
    {
        task->Run();
        task.reset();
    }
}
