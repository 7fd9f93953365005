void Revive::Rest(Player* bot)
{
    Unit* body = bot;
    bot->RemoveAurasDueToSpell(SPELL_SPIRIT_FORM);
    body->CastSpell(body, SPELL_SPIRIT_FORM, true);
}
