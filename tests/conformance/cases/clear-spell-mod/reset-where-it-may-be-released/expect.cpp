class BotCastTask
{
public:
    explicit BotCastTask(std::unique_ptr<Spell> spell) : _spell(std::move(spell)) { }

    void Start(SpellCastTargets const& targets)
    {
        Spell* spell = _spell.release();
        spell->prepare(targets);
    }

    ~BotCastTask()
    {
        TC_LOG_TRACE("playerbot", "cast task ends");
        if (auto* player = _spell ? _spell->GetCaster()->ToPlayer() : nullptr)
            player->SetSpellModTakingSpell(_spell.get(), false);
        _spell.reset();
    }

private:
    std::unique_ptr<Spell> _spell;
};
