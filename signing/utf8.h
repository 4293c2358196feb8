#ifndef SIGNING_UTF8_H_
#define SIGNING_UTF8_H_

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace orrery::signing {

// Whether `text` is UTF-8 (RFC 3629: shortest forms, no surrogates) and each
// of its code points `is_allowed`.
bool IsUtf8Of(absl::string_view text,
              absl::FunctionRef<bool(char32_t)> is_allowed);

}  // namespace orrery::signing

#endif  // SIGNING_UTF8_H_
