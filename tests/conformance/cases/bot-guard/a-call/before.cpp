void BotSession::LoginCharacter(Player* hero, Spell* spell)
{
    if (!hero->IsBot())
        Greet(hero);

    hero->SetSpellModTakingSpell(spell, true);
    Log("login");
}
