bool Herd::Counts(Item* item) { return item->IsBotItem() || item->IsBot(); }

void Herd::Charge(Player* sheep, Spell* spell)
{
    sheep->ApplySpellModCharges(spell);
    ++n;
}
