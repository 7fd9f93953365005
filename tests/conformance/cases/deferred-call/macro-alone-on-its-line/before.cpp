void A::Run(Player* bot)
{
    TRACE_CALL
    bot->BuildPlayerRepop();
}
