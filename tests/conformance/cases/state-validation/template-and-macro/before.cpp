template <class Visitor>
void Cells::Visit(Creature* keeper, Visitor& visitor)
{
    SCOPED_TIMER("cells");
    keeper->VisitNearbyObject(m_range, visitor);
}
