void Herd::Later(ObjectGuid guid)
{
    m_Events.AddEventAtOffset([guid]()
    {
        if (Player* each = ObjectAccessor::FindConnectedPlayer(guid))
            each->BuildPlayerRepop();
    }, 1s);
}
