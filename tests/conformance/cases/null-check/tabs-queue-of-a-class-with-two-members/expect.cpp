void MailQueue::Flush()
{
	for (;;)
	{
		Mail* mail = nullptr;
		if (!m_incoming.Dequeue(mail))
			break;

		if (!mail)
			continue;

		uint32 const id = mail->messageID;
		m_sent.insert(id);
	}
}
