void Mgr::Check()
{
    Quest const* quest = sObjectMgr->GetQuestTemplate(m_id);
    if (m_dirty || quest->GetId() != m_last)
    {
        Rebuild();
        return;
    }
    Other();
}
