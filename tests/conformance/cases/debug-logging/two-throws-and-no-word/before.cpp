void BIH::subdivide(int left, int right)
{
    LOG_DEBUG("vmaps", "{}", left);
    left = std::max(left, right);
    if (left < 0)
        throw std::logic_error("a");
    if (left > right)
        throw std::logic_error("b");
}
