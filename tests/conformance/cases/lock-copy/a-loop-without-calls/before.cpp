uint32 Book::Sum() const
{
    uint32 sum = 0;
    std::lock_guard<std::mutex> lock(_mutex);
    for (uint32 each : _amounts)
        sum += each;
    return sum;
}
