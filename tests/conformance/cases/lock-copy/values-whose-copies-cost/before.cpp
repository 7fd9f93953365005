struct Entry
{
    std::string name;
    Listener* listener;
};

class Book
{
    std::mutex _mutex;
    std::vector<Entry> _entries;
};

void Book::Tell()
{
    std::lock_guard<std::mutex> lock(_mutex);
    for (Entry const& entry : _entries)
        entry.listener->OnChange(entry.name);
}
