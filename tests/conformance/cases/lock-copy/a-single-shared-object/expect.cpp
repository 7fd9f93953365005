struct LoginGate
{
    std::mutex m_lock;
    std::shared_ptr<Porter> m_porter;
};

bool LoginGate::Done(bool isWelcome)
{
    std::unique_lock<std::mutex> guard(m_lock);
    if (!m_porter)
        return false;

    auto const porter = m_porter;
    guard.unlock();

    porter->Finish(isWelcome);
    return true;
}
