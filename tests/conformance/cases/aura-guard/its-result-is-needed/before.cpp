bool Herd::Fade(Player* sheep)
{
    SpellCastResult result = sheep->CastSpell(sheep, 8326, true);
    return result == SPELL_CAST_OK;
}
