void Cook::Eat(Player* bot, Item* meal)
{
    bot->DestroyItemCount(meal->GetEntry(), 1, true);
    bot->CastSpell(bot, SPELL_WELL_FED, true);
}
