#include "BotImport.h"

uint32 BotImport::Load(uint32 account)
{
    QueryResult result = CharacterDatabase.PQuery("SELECT guid FROM characters WHERE account = %u", account);
    uint32 loaded = 0;
    do
    {
        Field* fields = result->Fetch();
        m_guids.push_back(fields[0].GetUInt32());
        ++loaded;
    } while (result->NextRow());
    return loaded;
}
