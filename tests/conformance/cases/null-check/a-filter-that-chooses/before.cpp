Unit* TankAI::PickFirst() const
{
    Unit* picked = nullptr;
    for (Unit* foe : m_foes)
    {
        if (foe->HasAura(SPELL_BANISH))
            continue;

        picked = foe;
        break;
    }
    return picked;
}
