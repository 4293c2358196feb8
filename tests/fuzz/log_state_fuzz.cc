// Any bytes as the state of a client and of a signer: what is taken is what
// would be written.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "absl/strings/string_view.h"

#include "signing/client/client_state.h"
#include "signing/log/consistency_guard.h"
#include "signing/log/vkey.h"

namespace {

namespace signing = orrery::signing;

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const signing::Vkey log = *signing::Vkey::Parse(
      "registry.example/main+096ae7d1+"
      "AaX4Z7+D4QXPNbpxGb64YvAqUpNhF0UCXl2foaZz6C96");
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto client = signing::ParseClientState(bytes, std::span(&log, 1));
  if (client.ok()) Require(signing::FormatClientState(*client) == bytes);
  const auto signer = signing::ParseSignerState(bytes);
  if (signer.ok()) Require(signing::FormatSignerState(*signer) == bytes);
  return 0;
}
