enum MarkSpells
{
    SPELL_SPIRIT_MARK = 58554,
};

void spell_bot_spirit_mark::OnPeriodic(AuraEffect const* aurEff)
{
    PreventDefaultAction();
    std::list<Player*> group;
    GetGroupMembers(GetTarget(), group);
    for (Player* member : group)
        if (member->IsAlive() && member != GetTarget())
            GetTarget()->CastSpell(member, SPELL_SPIRIT_MARK, CastSpellExtraArgs(aurEff));
}
