void A::Run(Player* player, Spell* spell)
{
    int32 value = 5;
    m_isBot = player->IsBot();
    player->ApplySpellMod(spell->GetId(), SPELLMOD_COST, value);
    spell->SetCost(value);
}
