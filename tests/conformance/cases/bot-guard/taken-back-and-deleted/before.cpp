void A::Run(Player* player, SpellModifier* mod)
{
    m_isBot = player->IsBot();
    player->AddSpellMod(mod, false);
    delete mod;
}
