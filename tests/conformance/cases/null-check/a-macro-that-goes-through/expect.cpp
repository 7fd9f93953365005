#define RAID_SAY(member, text) do { if (*text) (member)->GetSession()->SendNotification(text); } while (0)

void RaidMgr::Warn(Player* tank)
{
    ++m_warnings;
    if (tank)
    {
        RAID_SAY(tank, "Move out of the fire");
    }
    m_timer.Reset(WARN_INTERVAL);
}
