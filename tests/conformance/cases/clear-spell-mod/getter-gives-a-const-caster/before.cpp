class Incantation
{
public:
    virtual ~Incantation();
    Champion const* GetSinger() const { return _singer; }

private:
    const Champion* _singer;
};

Incantation::~Incantation()
{
    ASSERT(_singer->m_songInHand != this);
}

void Champion::SetSongInHand(Incantation* song, bool on)
{
    m_songInHand = on ? song : nullptr;
}

IncantationTurn::~IncantationTurn()
{
    _incantation->Stop();
    delete _incantation;
}
