#include "registry/log/signer_file.h"

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "registry/store/durable_file.h"
#include "signing/digest.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

// What file systems and disks write at once.
constexpr size_t kPlaceBytes = 4096;

struct Place {
  uint64_t number = 0;
  std::string text;
};

// The number, the checksum of what is around it, a line feed and the text.
std::string PrintPlace(const Place& place) {
  const signing::Digest checksum =
      signing::Digest::Of(absl::StrCat(place.number, "\n", place.text));
  return absl::StrCat(place.number, " ", checksum.Hex(), "\n", place.text);
}

// Nothing for a place that was never written, or not as a whole.
std::optional<Place> ParsePlace(absl::string_view bytes) {
  const size_t space = bytes.find(' ');
  const size_t line = bytes.find('\n');
  if (space == bytes.npos || line == bytes.npos) return std::nullopt;
  Place place;
  if (!absl::SimpleAtoi(bytes.substr(0, space), &place.number)) {
    return std::nullopt;
  }
  const absl::string_view text = bytes.substr(line + 1);
  place.text = std::string(text.substr(0, text.find('\0')));
  std::string whole = PrintPlace(place);
  whole.resize(kPlaceBytes);
  if (whole != bytes) return std::nullopt;
  return place;
}

// The place in force of a file that has places.
std::optional<Place> PlaceInForce(absl::string_view file) {
  std::optional<Place> last;
  if (file.size() != 2 * kPlaceBytes) return last;
  for (const size_t begin : {size_t{0}, kPlaceBytes}) {
    std::optional<Place> place = ParsePlace(file.substr(begin, kPlaceBytes));
    if (!place.has_value()) continue;
    if (!last.has_value() || place->number > last->number) {
      last = std::move(place);
    }
  }
  return last;
}

}  // namespace

absl::StatusOr<std::string> SignerFile::Read() {
  const MutexLock lock(&mutex_);
  ORRERY_ASSIGN_OR_RETURN(std::string file, ReadWholeFile(path_));
  std::optional<Place> place = PlaceInForce(file);
  return place.has_value() ? std::move(place->text) : std::move(file);
}

absl::Status SignerFile::Replace(absl::string_view expected,
                                 absl::string_view desired) {
  const MutexLock lock(&mutex_);
  ORRERY_ASSIGN_OR_RETURN(const std::string file, ReadWholeFile(path_));
  const std::optional<Place> last = PlaceInForce(file);
  if ((last.has_value() ? last->text : file) != expected) {
    return absl::AbortedError(
        absl::StrCat(path_, " was changed by somebody else"));
  }
  const uint64_t number = last.has_value() ? last->number + 1 : 0;
  std::string bytes = PrintPlace({number, std::string(desired)});
  if (bytes.size() > kPlaceBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(bytes.size(), " bytes are too many for ", path_));
  }
  bytes.resize(kPlaceBytes);
  if (last.has_value()) {
    return OverwriteDurably(path_, number % 2 * kPlaceBytes, bytes);
  }
  bytes.resize(2 * kPlaceBytes);
  return WriteDurably(path_, bytes);
}

}  // namespace orrery::registry
