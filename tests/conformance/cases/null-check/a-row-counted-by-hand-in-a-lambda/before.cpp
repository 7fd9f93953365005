void Bank::Restore(std::vector<Item*> const& items)
{
    auto place = [this, &items]()
    {
        uint8 slot = BANK_SLOT_ITEM_START;
        for (Item* item : items)
        {
            if (m_isLocked)
                return;

            uint32 const entry = item->GetEntry();
            StoreAt(slot, entry);
            slot += 1;
        }
    };
    place();
}
