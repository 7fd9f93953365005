struct Quota
{
    uint32 used = 0;
    uint32 limit = 100;
    std::function<void(Quota&)> onFull;
};

class QuotaTable
{
public:
    uint32 Report() const
    {
        std::lock_guard<std::mutex> guard(_mutex);
        uint32 sum = 0;
        for (auto const& quota : _quotas)
            sum += quota->used;
        return sum;
    }

    void Charge(uint32 amount)
    {
        std::lock_guard<std::mutex> guard(_mutex);
        for (auto const& quota : _quotas)
        {
            quota->used += amount;
            if (quota->used >= quota->limit && quota->onFull)
                quota->onFull(*quota);
        }
    }

private:
    mutable std::mutex _mutex;
    std::vector<std::shared_ptr<Quota>> _quotas;
};
