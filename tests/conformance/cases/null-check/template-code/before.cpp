template <class Transport>
void Channel<Transport>::Stop()
{
    _isOpen = false;
    _transport->CloseSocket();
}
