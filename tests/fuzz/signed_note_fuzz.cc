// Any bytes as the note of a checkpoint: what is taken is written back as it
// was, so that everything in it is what was signed.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "absl/strings/string_view.h"

#include "signing/log/checkpoint.h"
#include "signing/log/note.h"
#include "signing/log/vkey.h"

namespace {

namespace signing = orrery::signing;

void Require(bool holds) {
  if (!holds) std::abort();
}

// The keys of the worked example.
signing::Vkey Key(absl::string_view text) {
  return *signing::Vkey::Parse(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const signing::Vkey log =
      Key("registry.example/main+096ae7d1+"
          "AaX4Z7+D4QXPNbpxGb64YvAqUpNhF0UCXl2foaZz6C96");
  static const signing::Vkey timestamper =
      Key("registry.example/timestamper+b1f1e9de+"
          "BK0IflajYL+XR7SHdmrEfT5LhV3Bqe/6NS3Z+YwwAIZO");
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto note = signing::ParseNote(bytes);
  const auto opened = signing::OpenCheckpoint(bytes, std::span(&log, 1),
                                              std::span(&timestamper, 1));
  Require(note.ok() || !opened.ok());
  if (!note.ok()) return 0;
  Require(signing::FormatNote(*note) == bytes);
  const auto checkpoint = signing::ParseCheckpoint(note->text);
  if (!checkpoint.ok()) return 0;
  Require(signing::FormatCheckpoint(*checkpoint) == note->text);
  if (opened.ok()) Require(opened->checkpoint == *checkpoint);
  return 0;
}
