MailResult Mail::Check(Player* player, Mailbox* box)
{
    if (!player)
        return MAIL_ERR_RECIPIENT_NOT_FOUND;

    if (!box)
        return MAIL_ERR_RECIPIENT_NOT_FOUND;

    while (box->HasMore())
        Count();

    return MAIL_OK;
}
