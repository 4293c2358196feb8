#include "signing/record/statement_file.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

#include "signing/encoding.h"

namespace orrery::signing {
namespace {

constexpr size_t kSeqDigits = 6;
constexpr size_t kMaxLabelBytes = 32;

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

bool IsLabel(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxLabelBytes && text[0] != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return IsDigit(c) || (c >= 'a' && c <= 'z') || c == '-';
         });
}

}  // namespace

std::string StatementDirectory(absl::string_view package) {
  return absl::StrCat("trust/", package);
}

std::string StatementFileName(int64_t seq) {
  return absl::StrFormat("%06d.stmt", seq);
}

std::string SignatureFileName(int64_t seq, absl::string_view label) {
  return absl::StrCat(StatementFileName(seq), label.empty() ? "" : ".", label,
                      ".sig");
}

std::optional<StatementFile> ParseStatementFileName(absl::string_view name) {
  const absl::string_view digits = name.substr(0, kSeqDigits);
  StatementFile file;
  if (digits.size() != kSeqDigits ||
      !std::all_of(digits.begin(), digits.end(), IsDigit) ||
      !absl::SimpleAtoi(digits, &file.seq) || file.seq == 0) {
    return std::nullopt;
  }
  name.remove_prefix(kSeqDigits);
  if (!absl::ConsumePrefix(&name, ".stmt")) return std::nullopt;
  if (name.empty()) return file;
  file.is_signature = true;
  if (name == ".sig") return file;
  if (!absl::ConsumePrefix(&name, ".") || !absl::ConsumeSuffix(&name, ".sig") ||
      !IsLabel(name)) {
    return std::nullopt;
  }
  file.label = std::string(name);
  return file;
}

absl::Status CheckSignatureLabel(absl::string_view label) {
  if (IsLabel(label)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      Quoted(label), " is no label of a signature: 1 to ", kMaxLabelBytes,
      " lower-case letters, digits and hyphens are wanted, no hyphen first"));
}

}  // namespace orrery::signing
