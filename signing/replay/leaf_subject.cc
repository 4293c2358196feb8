#include "signing/replay/leaf_subject.h"

#include <cstddef>

namespace orrery::signing {
namespace {

// The first field behind `keyword`, with the LF before it; empty if there is
// none.
absl::string_view FieldOf(absl::string_view leaf, absl::string_view keyword) {
  const size_t found = leaf.find(keyword);
  if (found == absl::string_view::npos) return {};
  const absl::string_view rest = leaf.substr(found + keyword.size());
  return rest.substr(0, rest.find_first_of(" \n"));
}

}  // namespace

LeafSubject SubjectOf(absl::string_view leaf) {
  LeafSubject subject;
  subject.package = FieldOf(leaf, "\npackage ");
  subject.source = FieldOf(leaf, "\nsource ");
  subject.is_yank = FieldOf(leaf, "\nkind ") == "yank";
  return subject;
}

}  // namespace orrery::signing
