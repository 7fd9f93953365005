void BotAI::CureAll(Group* group)
{
    for (GroupReference* itr = group->GetFirstMember(); itr != nullptr; itr = itr->next())
    {
        Player* member = itr->GetSource();
        if (!member)
            continue;

        member->RemoveAurasDueToSpell(SPELL_POISON);
        Note(member, "cured");
    }
}
