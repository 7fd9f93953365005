void Herd::Fade()
{
    m_owner->CastSpell(NextVictim(), 8326, true);
}
