void Mail::CollectFew(std::vector<MailItem*> const& all)
{
    uint32 taken = 0;
    for (MailItem* one : all)
    {
        if (taken >= MAX_MAIL_ITEMS)
            break;

        if (!one)
            continue;

        uint32 const entry = one->GetTemplateId();
        m_entries.push_back(entry);
        ++taken;
    }
}
