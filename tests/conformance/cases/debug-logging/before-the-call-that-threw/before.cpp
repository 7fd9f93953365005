#include "DynamicTree.h"
#include "Log.h"

bool DynamicMapTree::isUnderModel(float x, float y, float z) const
{
    G3D::Ray ray(G3D::Vector3(x, y, z), G3D::Vector3(0, 0, 1));
    NearestCallback callback;
    // The tree may be unbalanced here.
    impl->subdivide(ray, callback);
    return callback.didHit();
}
