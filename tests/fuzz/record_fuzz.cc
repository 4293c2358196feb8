// A leaf of a log, or the statement of one: what can be read prints to the same
// bytes again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"

#include "signing/record/leaf.h"
#include "signing/record/record.h"
#include "signing/record/record_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const auto record = orrery::signing::ParseRecord(input);
  if (record.ok() && orrery::signing::PrintRecord(*record) != input) {
    std::abort();
  }
  const auto leaf = orrery::signing::ParseLeaf(input);
  if (leaf.ok() &&
      orrery::signing::JoinLeaf(leaf->statement, leaf->signatures) != input) {
    std::abort();
  }
  return 0;
}
