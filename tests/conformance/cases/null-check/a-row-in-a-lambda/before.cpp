void Guild::Show()
{
    uint32 row = 0;
    ForEachMember([this, &row](Member* member)
    {
        uint8 const level = member->GetLevel();
        m_window.Put(row, level);
        ++row;
    });
}
