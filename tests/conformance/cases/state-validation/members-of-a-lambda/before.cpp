void RaidAI::Warn(Group* group)
{
    group->BroadcastWorker([this](Player* raider)
    {
        raider->PlayDistanceSound(m_sound);
    });
}
