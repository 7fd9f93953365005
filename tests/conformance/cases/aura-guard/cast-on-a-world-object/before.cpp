void A::Run(Player* bot, WorldObject* what)
{
    bot->CastSpell(what, SPELL_OPEN, true);
}
