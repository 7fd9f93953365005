void BIH::subdivide(AABound& gridBox, AABound& nodeBox)
{
    LOG_DEBUG("vmaps", "subdivide");
    if (gridBox.isAbove(nodeBox))
    {
        throw std::logic_error("invalid node overlap");
    }
}
