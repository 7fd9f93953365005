void Choir::Lead(Player* singer, Spell* song)
{
    if (!singer->GetSession()->IsBot())
        singer->SetSpellModTakingSpell(song, true);

    song->Perform(singer);

    singer->SetSpellModTakingSpell(song, false);
}
