void Medic::Alias(ObjectGuid guid)
{
    Player* bot = ObjectAccessor::FindPlayer(guid);
    if (!bot)
        return;

    Unit* self = bot;
    bot->ResurrectPlayer(0.5f);
    self->SetFullHealth();
}
