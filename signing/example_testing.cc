#include "signing/example_testing.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace orrery::signing {

std::string ExampleFile(absl::string_view name) {
  const std::string path = absl::StrCat("signing/testdata/example/", name);
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    std::abort();
  }
  return {std::istreambuf_iterator<char>(file),
          std::istreambuf_iterator<char>()};
}

std::string ExampleLeaf(int index) {
  return ExampleFile(absl::StrCat("leaf-", index));
}

std::string ExampleStatement(int index) {
  std::string leaf = ExampleLeaf(index);
  leaf.resize(leaf.find("\n\n") + 1);
  return leaf;
}

}  // namespace orrery::signing
