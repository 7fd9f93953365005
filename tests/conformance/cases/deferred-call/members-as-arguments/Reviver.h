class Reviver
{
public:
    void Run();

private:
    Player* m_owner;
    float m_share;
    bool m_withSickness;
    uint32 m_tries;
};
