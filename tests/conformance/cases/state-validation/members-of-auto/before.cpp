void BotAI::Sit(Group* group)
{
    for (auto const& ref : group->GetMembers())
        if (auto* m = ref.GetSource())
            m->SetStandState(UNIT_STAND_STATE_SIT);
}
