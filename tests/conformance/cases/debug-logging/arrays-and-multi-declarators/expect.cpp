void BIH::subdivide(int left[2], float lo, uint32* counts, std::atomic<int>& busy)
{
    TC_LOG_DEBUG("maps", "subdivide");
    float hi = 1.0f, *cursor = nullptr, extents[3] = { };
    std::optional<int> axis = pick(extents);
    if (!axis)
    {
        TC_LOG_ERROR("maps", "BIH::subdivide: invalid node overlap: lo {}", lo);
        throw std::logic_error("invalid node overlap");
    }
    walk(left, lo, hi, counts, cursor, busy);
}
