#include "registry/status/error_details.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace orrery::registry {
namespace {

constexpr char kReasonPayload[] = "orrery/error-reason";
constexpr char kFieldFaultsPayload[] = "orrery/field-faults";

// Texts behind each other, each as `length:text`.
void Append(absl::string_view text, std::string* out) {
  absl::StrAppend(out, text.size(), ":", text);
}

std::vector<std::string> PartsOf(const absl::Status& status,
                                 absl::string_view url) {
  std::vector<std::string> parts;
  const auto payload = status.GetPayload(url);
  if (!payload.has_value()) return parts;
  const std::string text(*payload);
  absl::string_view rest = text;
  size_t size = 0;
  for (size_t colon = rest.find(':');
       colon != absl::string_view::npos &&
       absl::SimpleAtoi(rest.substr(0, colon), &size);
       colon = rest.find(':')) {
    parts.emplace_back(rest.substr(colon + 1, size));
    rest.remove_prefix(std::min(rest.size(), colon + 1 + size));
  }
  return parts;
}

absl::Status WithMessage(const absl::Status& status,
                         absl::string_view message) {
  absl::Status other(status.code(), message);
  status.ForEachPayload(
      [&other](absl::string_view url, const absl::Cord& payload) {
        other.SetPayload(url, payload);
      });
  return other;
}

}  // namespace

absl::Status WithReason(absl::Status status, absl::string_view reason,
                        const ErrorMetadata& metadata) {
  std::string payload;
  Append(reason, &payload);
  for (const auto& [key, value] : metadata) {
    if (value.empty()) continue;
    Append(key, &payload);
    Append(value, &payload);
  }
  status.SetPayload(kReasonPayload, absl::Cord(payload));
  return status;
}

absl::Status WithPrefix(absl::string_view prefix, const absl::Status& status) {
  return WithMessage(status, absl::StrCat(prefix, status.message()));
}

absl::Status WithSuffix(const absl::Status& status, absl::string_view suffix) {
  return WithMessage(status, absl::StrCat(status.message(), suffix));
}

void Suggest(const std::vector<std::string>& nearest, std::string* message,
             ErrorMetadata* metadata) {
  if (nearest.empty()) return;
  (*metadata)[kDidYouMean] = absl::StrJoin(nearest, ", ");
  absl::StrAppend(message, "; did you mean \"",
                  absl::StrJoin(nearest, "\", \""), "\"?");
}

ErrorReason ReasonOf(const absl::Status& status) {
  ErrorReason reason;
  std::vector<std::string> parts = PartsOf(status, kReasonPayload);
  if (parts.empty()) return reason;
  reason.reason = std::move(parts.front());
  for (size_t i = 1; i + 1 < parts.size(); i += 2) {
    reason.metadata[std::move(parts[i])] = std::move(parts[i + 1]);
  }
  return reason;
}

absl::Status WithFieldFaults(absl::Status status,
                             const std::vector<FieldFault>& faults) {
  std::string payload;
  for (const FieldFault& fault : faults) {
    for (const std::string* member :
         {&fault.pointer, &fault.message, &fault.found, &fault.wanted,
          &fault.description, &fault.fix}) {
      Append(*member, &payload);
    }
  }
  status.SetPayload(kFieldFaultsPayload, absl::Cord(payload));
  return status;
}

std::vector<FieldFault> FieldFaultsOf(const absl::Status& status) {
  constexpr size_t kMembers = 6;
  std::vector<FieldFault> faults;
  const std::vector<std::string> parts = PartsOf(status, kFieldFaultsPayload);
  for (size_t i = 0; i + kMembers <= parts.size(); i += kMembers) {
    faults.push_back({parts[i], parts[i + 1], parts[i + 2], parts[i + 3],
                      parts[i + 4], parts[i + 5]});
  }
  return faults;
}

}  // namespace orrery::registry
