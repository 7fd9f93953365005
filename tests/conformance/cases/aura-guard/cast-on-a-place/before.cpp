void A::Run(Player* bot, Position const& where)
{
    bot->CastSpell(where, SPELL_AREA, true);
}
