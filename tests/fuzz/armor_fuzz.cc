// An armored SSH signature: what a leaf may hold is what is written, and any
// file that can be read says the same when it is written anew.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"

#include "signing/ssh/armor.h"

namespace {

using orrery::signing::ArmorForm;
using orrery::signing::ParseArmor;
using orrery::signing::PrintSignature;
using orrery::signing::WriteArmor;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const auto of_file = ParseArmor(input, ArmorForm::kFile);
  const auto of_leaf = ParseArmor(input, ArmorForm::kLeaf);
  if (of_leaf.ok() && !of_file.ok()) std::abort();
  if (!of_file.ok()) return 0;
  const std::string written = WriteArmor(PrintSignature(*of_file));
  const auto again = ParseArmor(written, ArmorForm::kLeaf);
  if (!again.ok() || *again != *of_file) std::abort();
  if (of_leaf.ok() != (written == input)) std::abort();
  return 0;
}
