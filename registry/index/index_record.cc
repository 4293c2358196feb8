#include "registry/index/index_record.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace orrery::registry {
namespace {

// The mentions stand in it from version 3 on, the requirements from version 4.
constexpr uint64_t kFirstVersion = 2;
constexpr uint64_t kVersion = 4;

// Writer and Reader have the same methods, so that one Visit describes the
// order of members for both directions.
class Writer {
 public:
  explicit Writer(std::string* out) : out_(*out) {}

  void Number(uint64_t value) {
    while (value >= 0x80) {
      out_.push_back(static_cast<char>(value | 0x80));
      value >>= 7;
    }
    out_.push_back(static_cast<char>(value));
  }
  void Bytes(absl::string_view bytes) {
    out_.append(bytes.data(), bytes.size());
  }
  void Text(absl::string_view text) {
    Number(text.size());
    Bytes(text);
  }

 private:
  std::string& out_;
};

class Reader {
 public:
  explicit Reader(absl::string_view in) : in_(in) {}

  uint64_t Number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (in_.empty()) break;
      const auto byte = static_cast<uint8_t>(in_.front());
      in_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    failed_ = true;
    return 0;
  }
  absl::string_view Bytes(uint64_t size) {
    if (size > in_.size()) {
      failed_ = true;
      return {};
    }
    const absl::string_view bytes = in_.substr(0, size);
    in_.remove_prefix(size);
    return bytes;
  }
  absl::string_view Text() { return Bytes(Number()); }

  size_t left() const { return in_.size(); }
  bool failed() const { return failed_; }
  bool complete() const { return !failed_ && in_.empty(); }

 private:
  absl::string_view in_;
  bool failed_ = false;
};

template <typename Integer,
          std::enable_if_t<
              std::is_integral_v<Integer> || std::is_enum_v<Integer>, int> = 0>
void Member(Writer& writer, const Integer& value) {
  writer.Number(static_cast<uint64_t>(value));
}
template <typename Integer,
          std::enable_if_t<
              std::is_integral_v<Integer> || std::is_enum_v<Integer>, int> = 0>
void Member(Reader& reader, Integer& value) {
  value = static_cast<Integer>(reader.Number());
}

void Member(Writer& writer, const std::string& text) { writer.Text(text); }
void Member(Reader& reader, std::string& text) {
  text = std::string(reader.Text());
}

void Member(Writer& writer, const signing::Digest& digest) {
  writer.Bytes(digest.bytes());
}
void Member(Reader& reader, signing::Digest& digest) {
  const auto read =
      signing::Digest::FromBytes(reader.Bytes(signing::Digest::kSize));
  if (read.ok()) digest = *read;
}

void Member(Writer& writer, const ReleaseContent& content);
void Member(Reader& reader, ReleaseContent& content);
void Member(Writer& writer, const Finding& finding);
void Member(Reader& reader, Finding& finding);
void Member(Writer& writer, const CliBinary& binary);
void Member(Reader& reader, CliBinary& binary);

template <typename T>
void Member(Writer& writer, const std::optional<T>& value) {
  writer.Number(value.has_value() ? 1 : 0);
  if (value.has_value()) Member(writer, *value);
}
template <typename T>
void Member(Reader& reader, std::optional<T>& value) {
  if (reader.Number() != 0) Member(reader, value.emplace());
}

template <typename Coder, typename Value>
void VisitContent(Coder& coder, Value& content) {
  Member(coder, content.name);
  Member(coder, content.mode);
  Member(coder, content.size);
  Member(coder, content.digest);
}
void Member(Writer& writer, const ReleaseContent& content) {
  VisitContent(writer, content);
}
void Member(Reader& reader, ReleaseContent& content) {
  VisitContent(reader, content);
}

template <typename Coder, typename Value>
void VisitFinding(Coder& coder, Value& finding) {
  Member(coder, finding.rule);
  Member(coder, finding.severity);
  Member(coder, finding.refuses);
  Member(coder, finding.path);
  Member(coder, finding.pointer);
  Member(coder, finding.line);
  Member(coder, finding.text);
}
void Member(Writer& writer, const Finding& finding) {
  VisitFinding(writer, finding);
}
void Member(Reader& reader, Finding& finding) { VisitFinding(reader, finding); }

template <typename Coder, typename Value>
void VisitBinary(Coder& coder, Value& binary) {
  Member(coder, binary.url);
  Member(coder, binary.sha256);
  Member(coder, binary.pointer);
}
void Member(Writer& writer, const CliBinary& binary) {
  VisitBinary(writer, binary);
}
void Member(Reader& reader, CliBinary& binary) { VisitBinary(reader, binary); }

template <typename T>
void Member(Writer& writer, const std::vector<T>& values) {
  writer.Number(values.size());
  for (const T& value : values) Member(writer, value);
}
template <typename T>
void Member(Reader& reader, std::vector<T>& values) {
  const uint64_t size = reader.Number();
  // Each has a byte at least.
  if (size <= reader.left()) values.reserve(size);
  for (uint64_t i = 0; i < size && !reader.failed(); ++i) {
    Member(reader, values.emplace_back());
  }
}

// The facts repeat directory, name, number and label of the release, which are
// not stored twice.
template <typename Coder, typename Entry, typename ReleaseValue>
void Visit(Coder& coder, Entry& entry, ReleaseValue& release) {
  Member(coder, release.name);
  Member(coder, release.release);
  Member(coder, release.version);
  Member(coder, release.hidden);
  Member(coder, release.selected);
  Member(coder, release.framework);
  Member(coder, release.maintainer);
  Member(coder, release.description);
  Member(coder, release.tags);
  Member(coder, release.files);
  Member(coder, release.findings);
  Member(coder, entry.facts.upgrades_from);
  Member(coder, entry.facts.downgrades_to);
  Member(coder, entry.facts.manager);
  Member(coder, entry.facts.cli_binaries);
  Member(coder, entry.compared);
}

}  // namespace

std::string EncodeIndexEntry(const IndexEntry& entry) {
  std::string record;
  Writer writer(&record);
  writer.Number(kVersion);
  Visit(writer, entry, *entry.release);
  Member(writer, entry.facts.mentions);
  Member(writer, entry.facts.requirements);
  return record;
}

absl::StatusOr<IndexEntry> DecodeIndexEntry(absl::string_view record,
                                            absl::string_view source,
                                            absl::string_view directory) {
  Reader reader(record);
  const uint64_t version = reader.Number();
  if (version < kFirstVersion || version > kVersion) {
    return absl::DataLossError("a stored release has another version");
  }
  IndexEntry entry;
  const auto release = std::make_shared<Release>();
  release->source = std::string(source);
  release->directory = std::string(directory);
  Visit(reader, entry, *release);
  if (version >= 3) Member(reader, entry.facts.mentions);
  if (version >= 4) Member(reader, entry.facts.requirements);
  if (!reader.complete()) {
    return absl::DataLossError("a stored release is damaged");
  }
  entry.facts.directory = release->directory;
  entry.facts.name = release->name;
  entry.facts.release = release->release;
  entry.facts.version = release->version;
  entry.release = release;
  return entry;
}

}  // namespace orrery::registry
