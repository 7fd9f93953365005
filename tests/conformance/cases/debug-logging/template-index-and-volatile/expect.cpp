template <typename Index>
void BIH::subdivide(Index left, volatile int right, G3D::Real lo, int depth)
{
    TC_LOG_DEBUG("maps", "subdivide");
    if (depth > 64)
    {
        TC_LOG_ERROR("maps", "BIH::subdivide: invalid node overlap: depth {}", depth);
        throw std::logic_error("invalid node overlap");
    }
    walk(left, right, lo, depth);
}
