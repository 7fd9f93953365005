uint32 Pool::Take(Bag* bag, uint32 wanted)
{
    m_left -= wanted;
    uint32 const free = bag->FreeSlots();
    return std::min(free, wanted);
}
