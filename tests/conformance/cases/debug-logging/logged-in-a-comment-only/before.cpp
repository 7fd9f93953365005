void BIH::subdivide(int left, int right)
{
    // LOG_ERROR("maps", "bad node {}", left);
    std::string const text = "use TC_LOG_ERROR here";
    if (left > right)
        throw std::logic_error("invalid node overlap");
    m_text = text;
}
