struct LoginGate
{
    std::mutex m_lock;
    std::shared_ptr<Porter> m_porter;
};

bool LoginGate::Done(bool isWelcome)
{
    std::lock_guard<std::mutex> guard(m_lock);
    if (!m_porter)
        return false;

    m_porter->Finish(isWelcome);
    return true;
}
