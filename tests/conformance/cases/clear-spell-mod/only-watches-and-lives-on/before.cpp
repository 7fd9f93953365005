// Watches a spell of a bot; the spell belongs to its own event and lives on.
class SpellWatch
{
public:
    SpellWatch(Player* bot, Spell* spell) : _bot(bot), _spell(spell) { }

    ~SpellWatch()
    {
        if (_spell)
            _bot->NotifyWatchEnd(_spell->GetSpellInfo()->Id);
    }

private:
    Player* _bot;
    Spell* _spell;
};
