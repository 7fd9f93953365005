bool ReviveAction::Execute(Event /*event*/)
{
    Corpse* corpse = bot->GetCorpse();
    if (!corpse)
        return false;

    // the position has to be taken by the living: ResurrectPlayer first, teleport after it
    bot->ResurrectPlayer(0.5f);
    botAI->TellMaster("I live again");
    sRandomPlayerbotMgr->TeleportAfterRevive(GetMaster());
    botAI->ChangeEngine(BOT_STATE_NON_COMBAT);
    return true;
}
