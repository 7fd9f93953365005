struct LoginGate
{
    std::mutex m_lock;
    Porter* m_porter;
};

void LoginGate::Done(bool isWelcome)
{
    std::lock_guard<std::mutex> guard(m_lock);
    m_porter->Finish(isWelcome);
}
