void BIH::subdivide(int left, int right)
{
    sLog->outDebug("subdivide %d", left);
    if (left > right)
    {
        throw std::logic_error("invalid node overlap");
    }
}
