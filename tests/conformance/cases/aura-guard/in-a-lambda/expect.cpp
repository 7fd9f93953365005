void Herd::Later(ObjectGuid guid)
{
    m_Events.AddEventAtOffset([guid]()
    {
        if (Player* each = ObjectAccessor::FindConnectedPlayer(guid))
            if (!each->HasAura(8326))
                each->BuildPlayerRepop();
    }, 1s);
}
