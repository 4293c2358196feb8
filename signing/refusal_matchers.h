// Matchers for the refusals of a Status or StatusOr.

#ifndef SIGNING_REFUSAL_MATCHERS_H_
#define SIGNING_REFUSAL_MATCHERS_H_

#include <optional>
#include <string>

#include "gmock/gmock.h"

#include "signing/refusal.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {

MATCHER_P(Refused, code, "is " + std::string(RefusalName(code))) {
  *result_listener << StatusOf(arg).ToString();
  const std::optional<Refusal> refusal = RefusalOf(StatusOf(arg));
  return refusal.has_value() && refusal->code == code;
}

MATCHER_P2(RefusedAtLine, code, line,
           "is " + std::string(RefusalName(code)) + " at line " +
               std::to_string(line)) {
  *result_listener << StatusOf(arg).ToString();
  const std::optional<Refusal> refusal = RefusalOf(StatusOf(arg));
  return refusal.has_value() && refusal->code == code &&
         refusal->place.line == line;
}

}  // namespace orrery::signing

#endif  // SIGNING_REFUSAL_MATCHERS_H_
