#include "PetCleanup.h"

/// Whether the pet has to stay; those that don't are deleted for good from the database.
bool PetCleanup::MustKeep(Pet* pet)
{
    Player* owner = ObjectAccessor::FindPlayer(pet->GetOwnerGUID());
    if (pet->IsTemporary())
        return false;

    return owner->HasPetInStable(pet->GetEntry()) || pet->IsProtected();
}

void PetCleanup::Run(Map* map)
{
    for (Pet* pet : map->GetOrphanPets())
        if (!MustKeep(pet))
            pet->DeleteFromDB();
}
