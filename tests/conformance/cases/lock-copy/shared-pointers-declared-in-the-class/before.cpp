class SessionPool
{
public:
    void UpdateAll(uint32 diff);

private:
    std::recursive_mutex m_mutex;
    std::unordered_map<ObjectGuid, std::shared_ptr<BotSession>> m_sessions;
};

void SessionPool::UpdateAll(uint32 diff)
{
    std::lock_guard<std::recursive_mutex> guard(m_mutex);

    for (auto const& [guid, session] : m_sessions)
    {
        TC_LOG_DEBUG("module.playerbot", "Update session {}", guid.ToString());
        session->Update(diff);
    }
}
