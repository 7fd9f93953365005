void Tool::Ask(Item* item, std::function<void(Item*)> const& done)
{
    item->SetState(ITEM_CHANGED);
    done(item);
    Save();
}
