TC_COMMON_API void BIH::subdivide(int left, int right)
{
    WPError(left >= 0);
    TC_LOG_DEBUG("maps", "{}", left);
    switch (right)
    {
        case 0:
            // nothing is left
            throw std::logic_error("invalid node overlap");
        default:
            break;
    }
}
