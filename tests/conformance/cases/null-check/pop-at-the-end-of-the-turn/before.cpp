void WardenQueue::Drain(uint32 now)
{
    while (!_pending.empty())
    {
        WardenCheck* check = _pending.front();
        uint32 const age = now - check->IssuedAt();
        if (age > MAX_CHECK_AGE)
            TC_LOG_WARN("warden", "A check is {} ms old", age);

        _pending.pop_front();
    }
}
