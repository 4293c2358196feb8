#include "catalog/orchestrator/shim/launch_spec.h"

#include <cstring>

namespace orrery::catalog {
namespace {

// mark "ORS1", then the fields in the order of the struct, then "END1".
// number = 4 bytes little-endian; text = number of bytes, bytes;
// list = number of entries, entries; user = 1 when set or 0, number.
constexpr char kBegin[] = "ORS1";
constexpr char kEnd[] = "END1";
constexpr size_t kMarkSize = 4;

void AppendNumber(uint32_t value, std::string* out) {
  for (int shift = 0; shift < 32; shift += 8) {
    out->push_back(static_cast<char>((value >> shift) & 0xff));
  }
}

void AppendText(const std::string& text, std::string* out) {
  AppendNumber(static_cast<uint32_t>(text.size()), out);
  out->append(text);
}

void AppendList(const std::vector<std::string>& list, std::string* out) {
  AppendNumber(static_cast<uint32_t>(list.size()), out);
  for (const std::string& text : list) AppendText(text, out);
}

class Decoder {
 public:
  explicit Decoder(const std::string& text) : text_(text) {}

  bool Mark(const char* mark) {
    if (text_.compare(at_, kMarkSize, mark) != 0) return false;
    at_ += kMarkSize;
    return true;
  }

  bool Number(uint32_t* value) {
    if (text_.size() - at_ < 4) return false;
    *value = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      *value |= static_cast<uint32_t>(static_cast<unsigned char>(text_[at_++]))
                << shift;
    }
    return true;
  }

  bool Text(std::string* value) {
    uint32_t size = 0;
    if (!Number(&size) || text_.size() - at_ < size) return false;
    value->assign(text_, at_, size);
    at_ += size;
    return true;
  }

  bool List(std::vector<std::string>* list) {
    uint32_t count = 0;
    if (!Number(&count)) return false;
    for (uint32_t i = 0; i < count; ++i) {
      if (!Text(&list->emplace_back())) return false;
    }
    return true;
  }

  bool Numbers(std::vector<uint32_t>* list) {
    uint32_t count = 0;
    if (!Number(&count)) return false;
    for (uint32_t i = 0; i < count; ++i) {
      if (!Number(&list->emplace_back())) return false;
    }
    return true;
  }

  bool AtEnd() const { return at_ == text_.size(); }

 private:
  const std::string& text_;
  size_t at_ = 0;
};

}  // namespace

std::string EncodeLaunchSpec(const LaunchSpec& spec) {
  std::string out = kBegin;
  AppendList(spec.arguments, &out);
  AppendList(spec.environment, &out);
  AppendText(spec.directory, &out);
  AppendText(spec.cgroup, &out);
  AppendNumber(spec.user.has_value() ? 1 : 0, &out);
  AppendNumber(spec.user.value_or(0), &out);
  AppendNumber(spec.group, &out);
  AppendNumber(static_cast<uint32_t>(spec.supplementary_groups.size()), &out);
  for (const uint32_t group : spec.supplementary_groups) {
    AppendNumber(group, &out);
  }
  AppendNumber(spec.grace_milliseconds, &out);
  return out + kEnd;
}

std::optional<LaunchSpec> DecodeLaunchSpec(const std::string& text) {
  Decoder decoder(text);
  LaunchSpec spec;
  uint32_t has_user = 0;
  uint32_t user = 0;
  if (!decoder.Mark(kBegin) || !decoder.List(&spec.arguments) ||
      !decoder.List(&spec.environment) || !decoder.Text(&spec.directory) ||
      !decoder.Text(&spec.cgroup) || !decoder.Number(&has_user) ||
      !decoder.Number(&user) || !decoder.Number(&spec.group) ||
      !decoder.Numbers(&spec.supplementary_groups) ||
      !decoder.Number(&spec.grace_milliseconds) || !decoder.Mark(kEnd) ||
      !decoder.AtEnd() || spec.arguments.empty()) {
    return std::nullopt;
  }
  if (has_user != 0) spec.user = user;
  return spec;
}

std::string EncodeShimReport(const ShimReport& report) {
  std::string out;
  AppendNumber(static_cast<uint32_t>(report.error), &out);
  AppendText(report.file, &out);
  return out;
}

std::optional<ShimReport> DecodeShimReport(const std::string& text) {
  Decoder decoder(text);
  ShimReport report;
  uint32_t error = 0;
  if (!decoder.Number(&error) || !decoder.Text(&report.file) ||
      !decoder.AtEnd()) {
    return std::nullopt;
  }
  report.error = static_cast<int>(error);
  return report;
}

}  // namespace orrery::catalog
