template <class Transport>
void Channel<Transport>::Stop()
{
    _isOpen = false;
    if (_transport)
        _transport->CloseSocket();
}
