void Poisoner::Coat(Player* rogue, Unit* prey)
{
    rogue->CastSpell(prey, 2818, true);
    rogue->CastSpell(prey, 2818, true);
    ++m_coats;
}
