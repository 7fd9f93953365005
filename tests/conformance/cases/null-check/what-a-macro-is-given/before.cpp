#define RAID_SAY(member, text) (member)->GetSession()->SendNotification(text)

void RaidMgr::WarnTrader(Player* tank)
{
    RAID_SAY(tank->GetTrader(), "Close the window");
    ++m_warnings;
}
