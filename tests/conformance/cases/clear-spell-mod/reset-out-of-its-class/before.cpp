class BotCastTask
{
public:
    explicit BotCastTask(std::unique_ptr<Spell> spell) : _spell(std::move(spell)) { }
    ~BotCastTask();

private:
    std::unique_ptr<Spell> _spell;
};

BotCastTask::~BotCastTask()
{
    TC_LOG_TRACE("playerbot", "cast task ends");
    _spell.reset();
}
