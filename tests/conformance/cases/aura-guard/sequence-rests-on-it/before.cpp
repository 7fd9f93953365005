#include "Afterlife.h"

void Afterlife::Move(Player* fallen)
{
    fallen->KillPlayer();
    fallen->BuildPlayerRepop();
    Corpse* body = fallen->GetCorpse();
    body->SetLootRecipient(nullptr);
    m_bodies.push_back(body->GetGUID());
}
