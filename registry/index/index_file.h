// The file of the stored index, `index.db`. All that it holds can be read from
// git again, so a damaged one is set aside and never an end.

#ifndef REGISTRY_INDEX_INDEX_FILE_H_
#define REGISTRY_INDEX_INDEX_FILE_H_

#include <string>

#include "absl/status/status.h"

namespace orrery::registry {

std::string IndexPath(const std::string& data_dir);

// Renames the index to `index.db.damaged`, in the place of an earlier one; the
// next start makes a new one.
absl::Status SetIndexAside(const std::string& data_dir);

// Remembers over a restart that the index in use is damaged, as far as the disk
// lets it.
void MarkIndexDamaged(const std::string& data_dir);
bool IsIndexMarkedDamaged(const std::string& data_dir);

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_INDEX_FILE_H_
