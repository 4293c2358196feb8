#include "signing/policy/config_reader.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

bool IsControl(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
}

}  // namespace

absl::StatusOr<std::vector<absl::string_view>> ConfigReader::Next() {
  if (text_.size() > kMaxConfigBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the file has ", text_.size(), " bytes, more than ", kMaxConfigBytes));
  }
  while (!lines_.AtEnd()) {
    ORRERY_ASSIGN_OR_RETURN(const absl::string_view line, lines_.Next());
    if (std::any_of(line.begin(), line.end(), IsControl)) {
      return absl::InvalidArgumentError("the line holds a control character");
    }
    std::vector<absl::string_view> fields =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (!fields.empty() && fields[0][0] != '#') return fields;
  }
  return std::vector<absl::string_view>();
}

}  // namespace orrery::signing
