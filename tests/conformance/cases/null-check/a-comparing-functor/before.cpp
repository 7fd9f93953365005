bool ByThreat::operator()(Unit const* left, Unit const* right) const
{
    float const own = left->GetThreat();
    return own > Threat(right);
}
