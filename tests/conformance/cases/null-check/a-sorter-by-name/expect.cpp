bool Stats::Less(Entry const* left, uint32 limit)
{
    if (!left)
        return false;

    return left->hits < limit;
}
