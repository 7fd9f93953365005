void Mail::CollectFew(std::vector<MailItem*> const& all)
{
    uint32 taken = 0;
    for (MailItem* one : all)
    {
        if (taken >= MAX_MAIL_ITEMS)
            break;

        uint32 const entry = one->GetTemplateId();
        m_entries.push_back(entry);
        ++taken;
    }
}
