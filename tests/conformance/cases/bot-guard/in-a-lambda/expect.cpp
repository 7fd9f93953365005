bool Herd::Counts(Player* p) { return p->isBot(); }

void Herd::Later(Spell* spell)
{
    m_pool.Run([spell](Player* sheep)
    {
        if (!sheep->isBot())
            sheep->ApplySpellModCharges(spell);
    });
}
