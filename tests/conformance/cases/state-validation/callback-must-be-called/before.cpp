void Zones::Ask(Player* bot, std::function<void(uint32)> done)
{
    uint32 const zone = bot->GetZoneId();
    m_last = zone;
    done(zone);
}
