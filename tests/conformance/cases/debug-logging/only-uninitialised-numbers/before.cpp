void BIH::subdivide(AABound& gridBox)
{
    int axis;
    LOG_DEBUG("vmaps", "subdivide");
    if (gridBox.choose(&axis))
    {
        throw std::logic_error("invalid node overlap");
    }
}
