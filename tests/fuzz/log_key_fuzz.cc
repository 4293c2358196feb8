// Any bytes as a key: the verifier key of a note, or the blob of an SSH key.
// What is taken has one form, and no weak key is.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

#include "signing/log/vkey.h"
#include "signing/ssh/ssh_key.h"

namespace {

namespace signing = orrery::signing;

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto vkey = signing::Vkey::Parse(bytes);
  if (vkey.ok()) Require(vkey->Text() == bytes);
  const auto key = signing::SshKey::Parse(bytes);
  if (!key.ok()) return 0;
  Require(key->blob() == bytes);
  Require(key->Fingerprint().size() == 50);
  const auto again =
      signing::SshKey::ParseText(key->type(), absl::Base64Escape(bytes));
  Require(again.ok() && *again == *key);
  return 0;
}
