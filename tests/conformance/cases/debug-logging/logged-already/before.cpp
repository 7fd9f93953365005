void BIH::subdivide(int left, int right)
{
    if (left > right)
    {
        LOG_ERROR("vmaps", "{} {}", left, right);
        throw std::logic_error("invalid node overlap");
    }
}
