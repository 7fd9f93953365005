SpellCastResult Trainer::Teach(Player* learner, uint32 spellId)
{
    learner->LearnSpell(spellId, false);
    return SPELL_CAST_OK;
}
