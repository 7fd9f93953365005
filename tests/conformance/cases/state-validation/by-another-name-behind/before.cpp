void Keeper::Wake(Player* bot)
{
    Unit* self = bot->ToUnit();
    bot->GetMap()->Wake(bot);
    self->GetMap()->Count(self);
}
