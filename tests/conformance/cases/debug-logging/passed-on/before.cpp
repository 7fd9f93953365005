void BIH::build(int left, int right)
{
    LOG_DEBUG("vmaps", "{} {}", left, right);
    try
    {
        subdivide(left, right);
    }
    catch (std::exception const&)
    {
        throw;
    }
}
