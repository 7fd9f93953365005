void GuildSaver::Save(Guild* guild, CharacterDatabaseTransaction trans)
{
    CharacterDatabasePreparedStatement* stmt = CharacterDatabase.GetPreparedStatement(CHAR_INS_BOT);
    stmt->SetData(0, m_guid.GetCounter());
    stmt->SetData(1, guild->GetId());
    stmt->SetData(2, m_rank);
    trans->Append(stmt);
}
