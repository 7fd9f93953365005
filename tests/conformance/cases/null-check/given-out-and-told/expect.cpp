bool Ledger::Fill(ObjectGuid guid, Stats& out) const
{
    Player* holder = ObjectAccessor::FindPlayer(guid);
    if (!holder)
        return false;

    out.level = holder->GetLevel();
    out.health = holder->GetHealth();
    return true;
}
