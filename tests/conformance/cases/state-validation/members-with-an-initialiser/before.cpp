void BotAI::Members(Group* group)
{
    for (GroupReference* ref = group->GetFirstMember(); ref != nullptr; ref = ref->next())
        if (Player* member = ref->GetSource(); member && member->IsInWorld())
            member->CastSpell(member, SPELL_BUFF, true);
}
