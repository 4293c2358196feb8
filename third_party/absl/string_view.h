// Debian's absl has a string_view of its own, which converts to and from the
// standard one in neither direction.

#ifndef THIRD_PARTY_ABSL_STRING_VIEW_H_
#define THIRD_PARTY_ABSL_STRING_VIEW_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace orrery {

inline std::string_view StdView(absl::string_view text) {
  return {text.data(), text.size()};
}

inline absl::string_view AbslView(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace orrery

#endif  // THIRD_PARTY_ABSL_STRING_VIEW_H_
