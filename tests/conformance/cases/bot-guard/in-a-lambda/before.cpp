bool Herd::Counts(Player* p) { return p->isBot(); }

void Herd::Later(Spell* spell)
{
    m_pool.Run([spell](Player* sheep)
    {
        sheep->ApplySpellModCharges(spell);
    });
}
