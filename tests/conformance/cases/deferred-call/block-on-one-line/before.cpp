void Herder::Count(Player* sheep) {
    if (m_isClosed) {
        return;
    }
    if (!sheep->IsAlive()) { sheep->RepopAtGraveyard(); } // the last one
}
