void Keeper::Close()
{
	if (_player->IsInWorld())
		_player->RemoveFromWorld();
	_session->LogoutPlayer(false);
}
