bool Guild::Pay(Member* member, uint64 money)
{
    if (m_bank < money)
        return false;

    m_bank -= money;
    member->ModifyMoney(money);
    return true;
}
