struct LoginGate
{
    std::mutex m_lock;
    std::function<void(bool)> m_onDone;
};

void LoginGate::Subscribe(std::function<void(bool)> onDone)
{
    std::lock_guard<std::mutex> guard(m_lock);
    m_onDone = std::move(onDone);
}

void LoginGate::Done(bool isWelcome)
{
    std::lock_guard<std::mutex> guard(m_lock);
    if (m_onDone)
        m_onDone(isWelcome);
}
