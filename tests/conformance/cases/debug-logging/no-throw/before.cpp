void BIH::subdivide(int left, int right)
{
    LOG_DEBUG("vmaps", "{} {}", left, right);
    tree[left] = right;
}
