void Sessions::Drop(Session* session)
{
    Player* bot = session->GetPlayer();
    Pet* pet = bot->GetPet();
    pet->RemoveFromWorld();
    session->LogoutPlayer(false);
}
