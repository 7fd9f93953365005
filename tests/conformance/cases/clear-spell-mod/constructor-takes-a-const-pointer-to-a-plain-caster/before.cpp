Rite::Rite(Monk* const monk, Verse verse) : _monk(monk), _verse(verse) { }

Rite::~Rite()
{
    assert(_monk->_riteInHand != this);
}

void Monk::SetRiteInHand(Rite* rite, bool on)
{
    _riteInHand = on ? rite : nullptr;
}

RiteTurn::~RiteTurn()
{
    WP_LOG("rites", "turn of {} ends", _rite->_monk->Name());
    delete _rite;
}
