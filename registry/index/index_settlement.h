#ifndef REGISTRY_INDEX_INDEX_SETTLEMENT_H_
#define REGISTRY_INDEX_INDEX_SETTLEMENT_H_

#include <set>
#include <string>

#include "absl/status/status.h"

#include "registry/index/snapshot.h"
#include "registry/index/snapshot_reader.h"
#include "registry/index/sqlite_database.h"

namespace orrery::registry {

// Brings up to date what depends on several releases of a source, inside of the
// transaction that makes version `after` of version `before`: the findings that
// compare releases, and `counts`, but for those of single places. `changed`
// names the packages whose entries differ. The findings of others change where
// they name the same things as these: a URL of a program, a package as manager.
absl::Status SettleIndex(SqliteDatabase& database, const SourceVersion& before,
                         const SourceVersion& after,
                         const std::set<std::string>& changed,
                         SourceCounts& counts);

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_INDEX_SETTLEMENT_H_
