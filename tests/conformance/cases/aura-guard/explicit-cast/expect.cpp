void Shepherd::Fade(Unit* owner, Player* sheep)
{
    if (!sheep->HasAura(8326))
        owner->CastSpell(sheep, 8326, true);
}
