#ifndef TRINITYCORE_DYNTREE_H
#define TRINITYCORE_DYNTREE_H

#include "BoundingIntervalHierarchyWrapper.h"

/// A bridge, a gate, a ship: something on the ground that moves in two steps, first its front and then its back.
class GameObjectModel
{
public:
    GameObjectModel(float low, float high, float height) : m_bounds{ low, high }, m_height(height) { }

    Bounds GetBounds() const { return m_bounds; }
    float GetHeight() const { return m_height; }
    void MoveFront(float low) { m_bounds.Low = low; }
    void MoveBack(float high) { m_bounds.High = high; }

private:
    Bounds m_bounds;
    float m_height;
};

/// The moving things of a map.
class DynamicMapTree
{
public:
    void insert(GameObjectModel const& model) { m_wrap.insert(model); }
    void remove(GameObjectModel const& model) { m_wrap.remove(model); }
    void changed() { m_wrap.changed(); }

    float getHeight(float x) const
    {
        GameObjectModel const* model = m_wrap.findAt(x);
        return model ? model->GetHeight() : 0.0f;
    }

private:
    BIHWrap<GameObjectModel> m_wrap;
};

#endif
