struct Settings
{
    float share;
    bool withSickness;
};
