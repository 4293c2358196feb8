// Early return on failure. One use a line.

#ifndef THIRD_PARTY_ABSL_STATUS_MACROS_H_
#define THIRD_PARTY_ABSL_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// NOLINTBEGIN(bugprone-macro-parentheses)
#define ORRERY_CONCAT_1_(a, b) a##b
#define ORRERY_CONCAT_(a, b) ORRERY_CONCAT_1_(a, b)

#define ORRERY_RETURN_IF_ERROR(expression)                            \
  ORRERY_RETURN_IF_ERROR_1_(ORRERY_CONCAT_(orrery_status_, __LINE__), \
                            expression)
#define ORRERY_RETURN_IF_ERROR_1_(temporary, expression) \
  if (absl::Status temporary = (expression); !temporary.ok()) return temporary

#define ORRERY_ASSIGN_OR_RETURN(target, expression)                        \
  ORRERY_ASSIGN_OR_RETURN_1_(ORRERY_CONCAT_(orrery_or_, __LINE__), target, \
                             expression)
#define ORRERY_ASSIGN_OR_RETURN_1_(temporary, target, expression) \
  auto temporary = (expression);                                  \
  if (!temporary.ok()) return std::move(temporary).status();      \
  target = *std::move(temporary)
// NOLINTEND(bugprone-macro-parentheses)

#endif  // THIRD_PARTY_ABSL_STATUS_MACROS_H_
