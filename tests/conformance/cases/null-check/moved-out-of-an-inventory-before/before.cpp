#include "MailTask.h"

bool MailTask::Run()
{
    Player* receiver = ObjectAccessor::FindConnectedPlayer(m_receiver);
    CharacterDatabaseTransaction trans = CharacterDatabase.BeginTransaction();
    m_item->DeleteFromInventoryDB(trans);
    m_sender->MoveItemFromInventory(m_item);
    receiver->StoreNewItem(m_item, true);
    CharacterDatabase.CommitTransaction(trans);
    m_sender->GetSession()->SendNotification("Your mail has been sent.");
    return true;
}
