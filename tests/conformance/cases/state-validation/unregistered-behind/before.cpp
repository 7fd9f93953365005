void ObjectTicker::Stop(Creature* guard)
{
    Position const home = guard->GetHomePosition();
    guard->GetMotionMaster()->MovePoint(0, home);
    m_registry->Unregister(guard);
}
