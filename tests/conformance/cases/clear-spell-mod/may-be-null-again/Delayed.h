class DelayedCast : public BasicEvent
{
public:
    ~DelayedCast() override;
    void Start(SpellInfo const* info);

private:
    Unit* m_owner;
    Spell* m_pending = nullptr;
    SpellCastTargets m_targets;
};
