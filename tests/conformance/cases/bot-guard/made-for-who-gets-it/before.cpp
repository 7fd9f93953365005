void A::Run(Player* player)
{
    m_isBot = player->IsBot();
    SpellModifier* mod = new SpellModifier(m_aura);
    player->AddSpellMod(mod, true);
}
