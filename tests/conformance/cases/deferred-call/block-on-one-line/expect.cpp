void Herder::Count(Player* sheep) {
    if (m_isClosed) {
        return;
    }
    if (!sheep->IsAlive()) {
        sheep->m_Events.AddEventAtOffset([guid = sheep->GetGUID()]() {
            Player* sheep = ObjectAccessor::FindConnectedPlayer(guid);
            if (!sheep || !sheep->IsInWorld() || sheep->IsAlive()) {
                return;
            }

            sheep->RepopAtGraveyard();
        }, 100ms);
    } // the last one
}
