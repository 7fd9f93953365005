void PetAI::Growl(Creature* wolf)
{
    if (!wolf->IsInWorld())
        return;

    wolf->CastSpell(wolf, SPELL_GROWL, true);
}
