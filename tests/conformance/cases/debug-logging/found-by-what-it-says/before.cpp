void BIH::subdivide(int left, int right)
{
    if (left < 0)
    {
        throw std::logic_error("negative node extents");
    }

    LOG_DEBUG("vmaps", "{}", left);
    if (left > right)
    {
        throw std::logic_error("invalid node overlap");
    }
}
