void A::Run(Creature* me)
{
    DoCast(me, SPELL_ENRAGE, true);
}
