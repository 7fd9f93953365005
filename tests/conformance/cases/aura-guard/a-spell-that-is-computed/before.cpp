void Herd::Fade(Player* sheep, uint32 spellId)
{
    sheep->CastSpell(sheep, spellId, true);
}
