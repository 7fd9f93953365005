void Ghosts::Stack(Player* bot, uint8 stacks)
{
    for (uint8 i = 0; i < stacks; ++i)
        bot->CastSpell(bot, SPELL_SPIRIT_STACK, true);

    m_stacks[bot->GetGUID()] = stacks;
}
