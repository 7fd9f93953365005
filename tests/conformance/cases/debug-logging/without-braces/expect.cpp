void BIH::subdivide(int left, int right)
{
    if (left > right)
    {
        LOG_ERROR("vmaps", "BIH::subdivide: invalid node overlap: left {}, right {}", left, right);
        throw std::logic_error("invalid node overlap");
    }
    LOG_DEBUG("vmaps", "{} and {}", left, right);
}
