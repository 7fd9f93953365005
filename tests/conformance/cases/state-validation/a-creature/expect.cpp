void PetAI::Act(Creature* wolf)
{
    if (wolf->IsInWorld())
        wolf->CallAssistance();
}
