template <class Visitor>
void Cells::Visit(Creature* keeper, Visitor& visitor)
{
    SCOPED_TIMER("cells");
    if (keeper->IsInWorld())
        keeper->VisitNearbyObject(m_range, visitor);
}
