bool Ledger::Fill(ObjectGuid guid, Stats& out) const
{
    Player* holder = ObjectAccessor::FindPlayer(guid);
    out.level = holder->GetLevel();
    out.health = holder->GetHealth();
    return true;
}
