MailResult Mail::Check(Mailbox* box)
{
    for (uint32 i = 0; i < box->Count(); ++i)
        if (m_letters[i].IsExpired())
            return MAIL_ERR_EXPIRED;

    return MAIL_OK;
}
