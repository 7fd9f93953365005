void Revive::Rest(Player& bot)
{
    auto finish = [&bot]()
    {
        bot.SetHealth(1);
        bot.CastSpell(&bot, SPELL_SPIRIT_FORM, true);
    };

    finish();
}
