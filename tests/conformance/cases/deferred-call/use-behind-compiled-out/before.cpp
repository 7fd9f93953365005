void A::Run(Player* bot)
{
    bot->BuildPlayerRepop();
#if 0
    bot->RepopAtGraveyard();
#endif
}
