void Charges::Drop(Unit* owner, SpellModifier* charge)
{
    Player* holder = owner->ToPlayer();
    if (!holder)
        return;

    if (charge->left > 0 && !holder->IsBot())
        --charge->left;
    else
        holder->RestoreSpellMods(charge->aura);

    m_dropped.push_back(charge->spellId);
}
