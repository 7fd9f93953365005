void DoorOpener::Use(Player* bot)
{
    GameObject* door = bot->FindNearestGameObject(m_door, 5.0f);
    if (!(door->IsLocked() || m_isClosed))
        door->Use(bot);

    ++m_uses;
}
