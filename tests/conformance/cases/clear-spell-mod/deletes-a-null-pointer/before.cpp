class BotSpellSlot
{
public:
    explicit BotSpellSlot(Spell* spell = nullptr) : _spell(spell) { }
    BotSpellSlot(BotSpellSlot&& other) noexcept : _spell(std::exchange(other._spell, nullptr)) { }

    ~BotSpellSlot()
    {
        delete _spell;
    }

    Spell* Get() const { return _spell; }

private:
    Spell* _spell;
};
