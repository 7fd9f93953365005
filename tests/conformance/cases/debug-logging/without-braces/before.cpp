void BIH::subdivide(int left, int right)
{
    if (left > right)
        throw std::logic_error("invalid node overlap");
    LOG_DEBUG("vmaps", "{} and {}", left, right);
}
