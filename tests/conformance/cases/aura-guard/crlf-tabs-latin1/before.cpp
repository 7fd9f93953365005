// Rückkehr
void Herd::Mourn(Player* sheep)
{
	if (!sheep) {
		return;
	}
	sheep->BuildPlayerRepop(); // über den Friedhof
}
