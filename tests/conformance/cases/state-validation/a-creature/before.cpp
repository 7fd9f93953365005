void PetAI::Act(Creature* wolf)
{
    wolf->CallAssistance();
}
