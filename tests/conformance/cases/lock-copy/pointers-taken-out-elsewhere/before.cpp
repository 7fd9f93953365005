class Hooks
{
public:
    void Remove(Hook* hook)
    {
        std::lock_guard<std::mutex> guard(m_lock);
        std::erase(m_hooks, hook);
    }

    void Fire()
    {
        std::lock_guard<std::mutex> guard(m_lock);
        for (Hook* hook : m_hooks)
            hook->OnFire();
    }

private:
    std::mutex m_lock;
    std::vector<Hook*> m_hooks;
};
