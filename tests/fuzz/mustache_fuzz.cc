// A template and a context, split at the first NUL: whatever they are, parsing
// and rendering end within their limits, twice with the same bytes, and a value
// in quotes stays one JSON string.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "catalog/rendering/mustache.h"
#include "registry/format/json_parse.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using orrery::catalog::Template;
  using orrery::registry::JsonValue;
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t split = input.find('\0');
  const absl::string_view text = input.substr(0, split);
  JsonValue context = JsonValue::Object();
  if (split != absl::string_view::npos) {
    auto document = orrery::registry::ParseJson(input.substr(split + 1));
    if (document.ok()) context = std::move(document->root);
  }
  orrery::catalog::RenderLimits limits;
  limits.max_output_bytes = size_t{1} << 16;
  limits.max_steps = 100'000;
  const auto parsed = Template::Parse(text);
  if (!parsed.ok()) return 0;
  const auto first = parsed->Render(context, limits);
  const auto second = parsed->Render(context, limits);
  if (first.ok() != second.ok()) std::abort();
  if (!first.ok()) return 0;
  if (*first != *second || first->size() > limits.max_output_bytes) {
    std::abort();
  }
  if (!first->empty() &&
      !parsed->PlaceOfOutput(context, first->size() - 1, limits).has_value()) {
    std::abort();
  }
  const JsonValue* value = context.Find("v");
  if (value == nullptr || !value->is_string()) return 0;
  const auto quoted = Template::Parse("\"{{v}}\"")->Render(context);
  const auto back = orrery::registry::ParseJson(*quoted);
  if (!back.ok() || back->root.text() != value->text()) std::abort();
  return 0;
}
