bool Stats::Less(Entry const* left, uint32 limit)
{
    return left->hits < limit;
}
