void Worker::Loop()
{
    std::unique_lock<std::mutex> lock(_mutex);
    _wakeUp.wait(lock);
    for (Task* task : _tasks)
        task->Run();
}
