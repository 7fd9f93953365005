template <typename T>
PB_API void Herd::Charge(Player* sheep, T amount)
{
    TRACE(charge, sheep->IsBot());
    if (!sheep->IsBot())
        sheep->AddSpellMod(amount, true);
}
