void Revive::Rest(Player& bot)
{
    auto finish = [&bot]()
    {
        bot.SetHealth(1);
        if (!bot.HasAura(SPELL_SPIRIT_FORM))
            bot.CastSpell(&bot, SPELL_SPIRIT_FORM, true);
    };

    finish();
}
