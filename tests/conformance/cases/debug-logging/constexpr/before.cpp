constexpr int Tree::Depth(int count)
{
    if (count < 0)
    {
        throw std::logic_error("negative");
    }
    return count;
}

void Tree::Print()
{
    LOG_INFO("vmaps", "{}", Depth(3));
}
