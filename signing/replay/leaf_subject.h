#ifndef SIGNING_REPLAY_LEAF_SUBJECT_H_
#define SIGNING_REPLAY_LEAF_SUBJECT_H_

#include "absl/strings/string_view.h"

namespace orrery::signing {

// What a leaf speaks of, as views of its bytes.
struct LeafSubject {
  // Empty for the leaves of sources and for indexes.
  absl::string_view package;
  // Of an observation, or what a leaf of sources is about; else empty.
  absl::string_view source;
  bool is_yank = false;
};

// Looks at the lines alone, so that a whole log is gone through quickly: right
// for a leaf that replay takes in, of no use for others.
LeafSubject SubjectOf(absl::string_view leaf);

}  // namespace orrery::signing

#endif  // SIGNING_REPLAY_LEAF_SUBJECT_H_
