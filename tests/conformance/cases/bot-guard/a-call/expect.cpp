void BotSession::LoginCharacter(Player* hero, Spell* spell)
{
    if (!hero->IsBot())
        Greet(hero);

    if (!hero->IsBot())
        hero->SetSpellModTakingSpell(spell, true);
    Log("login");
}
