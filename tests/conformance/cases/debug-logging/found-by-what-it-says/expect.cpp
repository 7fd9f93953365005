void BIH::subdivide(int left, int right)
{
    if (left < 0)
    {
        throw std::logic_error("negative node extents");
    }

    LOG_DEBUG("vmaps", "{}", left);
    if (left > right)
    {
        LOG_ERROR("vmaps", "BIH::subdivide: invalid node overlap: left {}, right {}", left, right);
        throw std::logic_error("invalid node overlap");
    }
}
