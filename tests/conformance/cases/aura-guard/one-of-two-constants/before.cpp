void Player::BuildPlayerRepop()
{
    WorldPacket data(SMSG_PRE_RESURRECT, GetPackGUID().size());
    data << GetPackGUID();
    GetSession()->SendPacket(&data);

    // this is 8326 for all, 20584 for the night elf
    uint32 const ghost = getRace() == RACE_NIGHTELF ? 20584 : 8326;
    CastSpell(this, ghost, true);

    Corpse* corpse = CreateCorpse();
    if (!corpse)
        return;

    GetMap()->AddToMap(corpse);
    SetHealth(1);
}
