void Keeper::Close()
{
	_session->LogoutPlayer(false);
}
