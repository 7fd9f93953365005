std::string LootMgr::Name(Item* item, bool full)
{
    return full ? item->GetFullName() : std::string("item");
}
