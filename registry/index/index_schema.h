#ifndef REGISTRY_INDEX_INDEX_SCHEMA_H_
#define REGISTRY_INDEX_INDEX_SCHEMA_H_

#include "registry/index/sqlite_database.h"

namespace orrery::registry {

// The tables of `index.db`. All that they hold can be read from git again.
SqliteDatabase::Migrations IndexMigrations();

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_INDEX_SCHEMA_H_
