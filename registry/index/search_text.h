// Words as search sees them.

#ifndef REGISTRY_INDEX_SEARCH_TEXT_H_
#define REGISTRY_INDEX_SEARCH_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace orrery::registry {

// In lower case; what is neither letter nor digit separates them.
std::vector<std::string> SearchWords(absl::string_view text);
// The words without what separates them.
std::string Squash(absl::string_view text);

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_SEARCH_TEXT_H_
