#ifndef TRINITYCORE_BIHWRAP_H
#define TRINITYCORE_BIHWRAP_H

#include "BoundingIntervalHierarchy.h"
#include <algorithm>

/// Keeps a tree over models that move: it is built again by the first query after a change.
template<class T>
class BIHWrap
{
public:
    void insert(T const& model)
    {
        m_models.push_back(&model);
        m_isBalanced = false;
    }

    void remove(T const& model)
    {
        m_models.erase(std::remove(m_models.begin(), m_models.end(), &model), m_models.end());
        m_isBalanced = false;
    }

    /// A model of the tree has moved.
    void changed() { m_isBalanced = false; }

    T const* findAt(float x) const
    {
        balance();
        int32 const index = m_tree.intersectPoint(x);
        return index < 0 ? nullptr : m_models[index];
    }

private:
    void balance() const
    {
        if (m_isBalanced)
            return;

        std::vector<Bounds> bounds;
        for (T const* model : m_models)
            bounds.push_back(model->GetBounds());
        m_tree.build(bounds);
        m_isBalanced = true;
    }

    std::vector<T const*> m_models;
    mutable BIH m_tree;
    mutable bool m_isBalanced = true;
};

#endif
