void Herd::Charge(Player* sheep, Spell* spell)
{
    bool isOurs = sheep->IsBot() && m_isOpen;
    if ((spell || isOurs) && !sheep->IsBot())
        sheep->RemoveSpellMods(spell);
}
