void Shepherd::Bless(Player* sheep)
{
    sheep->SetHealth(1);
    if (!sheep->HasAura(SPELL_GRACE))
        sheep->AddAura(SPELL_GRACE, sheep);
}
