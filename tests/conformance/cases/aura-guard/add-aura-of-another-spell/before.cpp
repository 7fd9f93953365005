void Shepherd::Bless(Player* sheep)
{
    sheep->SetHealth(1);
    sheep->AddAura(SPELL_GRACE, sheep);
}
