class Rite
{
public:
    ~Rite();
    Being* GetPriest() const { return _priest; }
};

Rite::~Rite()
{
    WPAssert(_priest->ToMonk()->_riteInHand != this);
}

void Monk::SetRiteInHand(Rite* rite, bool isTaken)
{
    _riteInHand = isTaken ? rite : nullptr;
}

RiteTurn::~RiteTurn() {
	_rite->Stop();
	delete _rite;
}

void Look(Monk* monk) { }
