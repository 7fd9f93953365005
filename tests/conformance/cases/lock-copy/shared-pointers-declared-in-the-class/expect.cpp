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
    std::unique_lock<std::recursive_mutex> guard(m_mutex);

    auto const sessions = m_sessions;
    guard.unlock();

    for (auto const& [guid, session] : sessions)
    {
        TC_LOG_DEBUG("module.playerbot", "Update session {}", guid.ToString());
        session->Update(diff);
    }
}
