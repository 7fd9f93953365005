void PetSpell::Mark(Unit* caster, Spell* spell)
{
    Player* owner = caster->GetSpellModOwner();
    if (!owner)
        return;

    // owners that are loaded offline have no session
    if (WorldSession* session = owner->GetSession())
        if (session->IsBot())
            ++_bots;

    owner->SetSpellModTakingSpell(spell, true);
    spell->TakeReagents();
}
