void Keeper::Wake(Player* bot)
{
    Unit* self = bot->ToUnit();
    if (!bot->IsInWorld() || bot->IsBeingTeleported())
        return;

    bot->GetMap()->Wake(bot);
    self->GetMap()->Count(self);
}
