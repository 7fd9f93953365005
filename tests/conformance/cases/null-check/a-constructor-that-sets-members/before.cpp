#include "BotCache.h"

BotCache::BotCache(BotConfig* config)
    : m_size(0), m_config(config)
{
    m_size = m_config->GetCacheSize();
    m_entries.resize(m_size);
}

void BotCache::Put(uint32 key, uint32 value)
{
    m_entries[key % m_size] = value;
}
