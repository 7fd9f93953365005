void Shepherd::Fade(Unit* owner, Player* sheep)
{
    owner->CastSpell(sheep, 8326, true);
}
