typedef int Pair[2];

void BIH::subdivide(Pair left, int (*weigh)(int), int const (&bounds)[6], int depth)
{
    TC_LOG_DEBUG("maps", "subdivide");
    if (weigh(left[0]) > bounds[0])
    {
        TC_LOG_ERROR("maps", "BIH::subdivide: invalid node overlap: depth {}", depth);
        throw std::logic_error("invalid node overlap");
    }
    ++depth;
}
