bool AcceptResurrectAction::Execute(Event /*event*/)
{
    if (bot->IsAlive())
        return false;

    bot->ResurrectPlayer(0.35f);
    context->GetValue<bool>("dead")->Set(false);
    botAI->DoSpecificAction("self buff");
    return true;
}
