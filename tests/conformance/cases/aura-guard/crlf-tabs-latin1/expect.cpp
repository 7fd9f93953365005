// Rückkehr
void Herd::Mourn(Player* sheep)
{
	if (!sheep) {
		return;
	}
	if (!sheep->HasAura(8326)) {
		sheep->BuildPlayerRepop();
	} // über den Friedhof
}
