#include "registry/git/loose_objects.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "registry/git/inflate_stream.h"
#include "registry/git/regular_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

// `<type> SP <decimal size> NUL`.
constexpr size_t kMaxHeaderBytes = 64;

std::optional<ObjectType> TypeOf(absl::string_view name) {
  if (name == "blob") return ObjectType::kBlob;
  if (name == "tree") return ObjectType::kTree;
  if (name == "commit") return ObjectType::kCommit;
  if (name == "tag") return ObjectType::kTag;
  return std::nullopt;
}

// The header, and in `*begun` what was read of the bytes behind it.
absl::StatusOr<ObjectHeader> ParseFront(InflateStream& stream,
                                        std::string* begun) {
  std::array<char, kMaxHeaderBytes> front;
  ORRERY_ASSIGN_OR_RETURN(const size_t read,
                          stream.Read(front.data(), front.size()));
  const absl::string_view text(front.data(), read);
  const size_t space = text.find(' ');
  const size_t end = text.find('\0');
  if (space == absl::string_view::npos || end == absl::string_view::npos ||
      end < space) {
    return absl::DataLossError("its file has no header");
  }
  const absl::string_view digits = text.substr(space + 1, end - space - 1);
  ObjectHeader header;
  const std::optional<ObjectType> type = TypeOf(text.substr(0, space));
  if (!type.has_value() || digits.empty() ||
      digits.find_first_not_of("0123456789") != absl::string_view::npos ||
      !absl::SimpleAtoi(digits, &header.size)) {
    return absl::DataLossError("its file has a header that says nothing");
  }
  header.type = *type;
  *begun = std::string(text.substr(end + 1));
  return header;
}

class LooseObjects : public ObjectReader {
 public:
  LooseObjects(std::string directory, uint64_t max_bytes)
      : directory_(std::move(directory)), max_bytes_(max_bytes) {}

  absl::StatusOr<ObjectHeader> ReadHeader(const ObjectId& id) override {
    ORRERY_ASSIGN_OR_RETURN(RegularFile file, Open(id));
    ORRERY_RETURN_IF_ERROR(stream_.Begin(&file, 0));
    std::string begun;
    return ParseFront(stream_, &begun);
  }

  absl::StatusOr<StoredObject> Read(const ObjectId& id) override {
    ORRERY_ASSIGN_OR_RETURN(RegularFile file, Open(id));
    ORRERY_RETURN_IF_ERROR(stream_.Begin(&file, 0));
    std::string begun;
    ORRERY_ASSIGN_OR_RETURN(const ObjectHeader header,
                            ParseFront(stream_, &begun));
    if (header.size > max_bytes_) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "it has ", header.size, " bytes, more than ", max_bytes_));
    }
    StoredObject object{header.type, {}};
    ORRERY_ASSIGN_OR_RETURN(object.bytes,
                            stream_.ReadToEnd(std::move(begun), header.size));
    return object;
  }

 private:
  absl::StatusOr<RegularFile> Open(const ObjectId& id) const {
    const std::string hex = id.Hex();
    return RegularFile::Open(
        absl::StrCat(directory_, "/", hex.substr(0, 2), "/", hex.substr(2)));
  }

  const std::string directory_;
  const uint64_t max_bytes_;
  InflateStream stream_;
};

}  // namespace

std::unique_ptr<ObjectReader> NewLooseObjects(const std::string& directory,
                                              uint64_t max_bytes) {
  return std::make_unique<LooseObjects>(directory, max_bytes);
}

}  // namespace orrery::registry
