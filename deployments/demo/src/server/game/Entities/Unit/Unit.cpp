#include "Unit.h"
#include "Errors.h"

void Unit::SetCantProc(bool apply)
{
    if (apply)
    {
        ++m_procDeep;
        return;
    }

    ASSERT(m_procDeep);
    --m_procDeep;
}
