void A::Run(Player* bot, ObjectGuid target)
{
    bot->CastSpell(target, SPELL_OPEN, true);
}
