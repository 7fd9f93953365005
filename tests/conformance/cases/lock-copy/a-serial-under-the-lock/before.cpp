class CombatLog
{
public:
    void AddSink(std::shared_ptr<LogSink> sink)
    {
        std::lock_guard<std::mutex> guard(_mutex);
        _sinks.push_back(sink);
    }

    void Emit(std::string const& line)
    {
        std::lock_guard<std::mutex> guard(_mutex);
        uint64 const serial = ++_serial;
        // sinks rely on serials that rise: the lock is held over the loop for this
        for (auto const& sink : _sinks)
            sink->Write(serial, line);
    }

private:
    std::mutex _mutex;
    uint64 _serial = 0;
    std::vector<std::shared_ptr<LogSink>> _sinks;
};
