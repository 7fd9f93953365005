struct LoginGate
{
    std::mutex m_lock;
    std::function<void(bool)> m_onDone;
};

void LoginGate::Done(bool isWelcome)
{
    std::lock_guard<std::mutex> guard(m_lock);
    if (m_onDone)
        m_onDone(isWelcome);
    m_onDone = nullptr;
}
