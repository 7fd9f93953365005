void Writer::Put(Buffer* buffer, Record const& record)
{
	buffer->Append(record.Id);
	buffer->Append(record.Kind);

	m_written += sizeof(record);
}
