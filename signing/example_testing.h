// The files of the worked example (spec: trust.md §26).

#ifndef SIGNING_EXAMPLE_TESTING_H_
#define SIGNING_EXAMPLE_TESTING_H_

#include <string>

#include "absl/strings/string_view.h"

namespace orrery::signing {

inline constexpr int kExampleLeaves = 11;
inline constexpr char kExampleOrigin[] = "registry.example/main";

// The bytes of testdata/example/`name`; ends the test if there is no such file.
std::string ExampleFile(absl::string_view name);

// The bytes of leaf `index`, and its statement.
std::string ExampleLeaf(int index);
std::string ExampleStatement(int index);

}  // namespace orrery::signing

#endif  // SIGNING_EXAMPLE_TESTING_H_
