#include "registry/git/git_object.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr uint32_t kMaxMode = 0177777;
constexpr int64_t kLastSecond = 253'402'300'799;

struct EntryView {
  absl::string_view name;
  uint32_t mode = 0;
  ObjectId id;
};

// `<octal mode> SP <name> NUL <20 bytes>`, one entry after the other.
class EntryReader {
 public:
  explicit EntryReader(absl::string_view bytes) : rest_(bytes) {}

  bool done() const { return rest_.empty(); }

  absl::StatusOr<EntryView> Next() {
    EntryView entry;
    const size_t space = rest_.find(' ');
    if (space == absl::string_view::npos || space == 0) {
      return absl::DataLossError("an entry has no mode");
    }
    for (const char digit : rest_.substr(0, space)) {
      if (digit < '0' || digit > '7' || entry.mode > kMaxMode) {
        return absl::DataLossError("an entry's mode is no octal number");
      }
      entry.mode = entry.mode * 8 + static_cast<uint32_t>(digit - '0');
    }
    if (entry.mode > kMaxMode) {
      return absl::DataLossError("an entry's mode is too large");
    }
    const size_t end = rest_.find('\0', space);
    if (end == absl::string_view::npos ||
        rest_.size() - end - 1 < entry.id.bytes.size()) {
      return absl::DataLossError("an entry is cut off");
    }
    entry.name = rest_.substr(space + 1, end - space - 1);
    if (entry.name.empty()) {
      return absl::DataLossError("an entry's name is empty");
    }
    std::memcpy(entry.id.bytes.data(), rest_.data() + end + 1,
                entry.id.bytes.size());
    rest_.remove_prefix(end + 1 + entry.id.bytes.size());
    return entry;
  }

 private:
  absl::string_view rest_;
};

// Takes `<keyword> <40 hex digits> LF` from the front.
std::optional<ObjectId> ConsumeId(absl::string_view keyword,
                                  absl::string_view& text) {
  absl::string_view rest = text;
  if (!absl::ConsumePrefix(&rest, keyword) ||
      !absl::ConsumePrefix(&rest, " ")) {
    return std::nullopt;
  }
  const size_t end = rest.find('\n');
  if (end == absl::string_view::npos) return std::nullopt;
  const absl::StatusOr<ObjectId> id = ObjectId::ParseHex(rest.substr(0, end));
  if (!id.ok()) return std::nullopt;
  text = rest.substr(end + 1);
  return *id;
}

// Of `<name> <mail> <seconds> <zone>`; the epoch when it says none.
absl::Time SignatureTime(absl::string_view signature) {
  const size_t mail_end = signature.rfind('>');
  if (mail_end == absl::string_view::npos) return absl::UnixEpoch();
  absl::string_view text =
      absl::StripLeadingAsciiWhitespace(signature.substr(mail_end + 1));
  int64_t seconds = 0;
  if (!absl::SimpleAtoi(text.substr(0, text.find(' ')), &seconds)) {
    return absl::UnixEpoch();
  }
  return absl::FromUnixSeconds(std::clamp(seconds, int64_t{0}, kLastSecond));
}

}  // namespace

absl::StatusOr<ObjectId> ObjectId::ParseHex(absl::string_view hex) {
  ObjectId id;
  if (hex.size() != 2 * id.bytes.size() ||
      !std::all_of(hex.begin(), hex.end(),
                   [](char c) { return absl::ascii_isxdigit(c); })) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", hex, "\" is no object name of 40 hex digits"));
  }
  const std::string bytes = absl::HexStringToBytes(hex);
  std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
  return id;
}

std::string ObjectId::Hex() const {
  return absl::BytesToHexString(absl::string_view(
      reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

absl::StatusOr<std::vector<TreeEntry>> ParseTree(absl::string_view bytes) {
  std::vector<TreeEntry> entries;
  for (EntryReader reader(bytes); !reader.done();) {
    ORRERY_ASSIGN_OR_RETURN(const EntryView entry, reader.Next());
    entries.push_back({std::string(entry.name), entry.mode, entry.id});
  }
  return entries;
}

absl::StatusOr<std::optional<TreeEntry>> FindTreeEntry(absl::string_view bytes,
                                                       absl::string_view name) {
  std::optional<TreeEntry> found;
  for (EntryReader reader(bytes); !reader.done();) {
    ORRERY_ASSIGN_OR_RETURN(const EntryView entry, reader.Next());
    if (entry.name != name) continue;
    if (found.has_value()) {
      return absl::DataLossError(
          absl::StrCat("it holds \"", absl::CHexEscape(name), "\" twice"));
    }
    found = {std::string(entry.name), entry.mode, entry.id};
  }
  return found;
}

absl::StatusOr<CommitFacts> ParseCommit(absl::string_view bytes) {
  absl::string_view text = bytes;
  const std::optional<ObjectId> tree = ConsumeId("tree", text);
  if (!tree.has_value()) {
    return absl::DataLossError("it does not begin with the name of a tree");
  }
  CommitFacts facts;
  facts.tree = *tree;
  while (const std::optional<ObjectId> parent = ConsumeId("parent", text)) {
    if (facts.first_parent.has_value()) {
      facts.other_parents.push_back(*parent);
    } else {
      facts.first_parent = parent;
    }
  }
  facts.time = absl::UnixEpoch();
  while (!text.empty() && text.front() != '\n') {
    absl::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (absl::ConsumePrefix(&line, "committer ")) {
      facts.time = SignatureTime(line);
      break;
    }
  }
  return facts;
}

absl::StatusOr<ObjectId> ParseTag(absl::string_view bytes) {
  absl::string_view text = bytes;
  const std::optional<ObjectId> target = ConsumeId("object", text);
  if (!target.has_value()) {
    return absl::DataLossError("it does not begin with the name of an object");
  }
  return *target;
}

}  // namespace orrery::registry
