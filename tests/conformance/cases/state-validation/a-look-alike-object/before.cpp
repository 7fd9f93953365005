void Mailbox::Send(Letter* letter)
{
    letter->GetSender()->CastSpell(letter, 5);
}
