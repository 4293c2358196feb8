// Foreign text on its way to a terminal.

#ifndef CLI_PLUGIN_TEXT_PRINTABLE_H_
#define CLI_PLUGIN_TEXT_PRINTABLE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace orrery::cli {

// `text` without the control characters by which a package could drive the
// reader's terminal; tab and newline stay. Invalid UTF-8 becomes U+FFFD.
std::string Printable(absl::string_view text);

// Printable, with every run of white space as one space.
std::string OneLine(absl::string_view text);

// Characters of UTF-8 text, counted as code points.
size_t DisplayWidth(absl::string_view text);

// The first `width` characters, the last of them `…` when something is cut.
std::string Shortened(absl::string_view text, size_t width);

// Lines of at most `width` characters, broken at spaces, without line ends. An
// empty line of `text` stays one.
std::string Wrapped(absl::string_view text, size_t width,
                    absl::string_view indent);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_TEXT_PRINTABLE_H_
