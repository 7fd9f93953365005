void RaidAI::Warn(Group* group)
{
    group->BroadcastWorker([this](Player* raider)
    {
        if (raider->IsInWorld() && !raider->IsBeingTeleported())
            raider->PlayDistanceSound(m_sound);
    });
}
