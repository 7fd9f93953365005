void A::Run(Creature* me)
{
    if (!me->HasAura(SPELL_ENRAGE))
        DoCast(me, SPELL_ENRAGE, true);
}
