#include "cli-plugin/command/output.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "cli-plugin/text/printable.h"
#include "cli-plugin/text/yaml_output.h"

namespace orrery::cli {
namespace {

void PrintLines(const Answer& answer, Terminal& terminal) {
  const registry::JsonValue* items = answer.document.Find(answer.lines_member);
  if (answer.lines_member.empty() || items == nullptr) {
    terminal.Data(absl::StrCat(registry::WriteJson(answer.document), "\n"));
    return;
  }
  for (const registry::JsonValue& item : items->items()) {
    terminal.Data(absl::StrCat(registry::WriteJson(item), "\n"));
  }
}

}  // namespace

void PrintAnswer(const Answer& answer, OutputFormat format,
                 Terminal& terminal) {
  switch (format) {
    case OutputFormat::kJson:
      terminal.Data(registry::WriteJsonIndented(answer.document));
      return;
    case OutputFormat::kYaml:
      terminal.Data(WriteYaml(answer.document));
      return;
    case OutputFormat::kJsonl:
      PrintLines(answer, terminal);
      return;
    case OutputFormat::kName:
      for (const std::string& name : answer.names) {
        terminal.Data(absl::StrCat(OneLine(name), "\n"));
      }
      return;
    case OutputFormat::kTable:
    case OutputFormat::kWide:
      terminal.Data(answer.page.empty()
                        ? WriteTable(answer.table,
                                     format == OutputFormat::kWide, terminal)
                        : answer.page);
      return;
  }
}

void PrintText(std::string text, OutputFormat format, Terminal& terminal) {
  if (format == OutputFormat::kName) return terminal.Data(text);
  Answer answer;
  answer.document = registry::JsonValue::Object(
      {{"text", registry::JsonValue::String(text)}});
  answer.page = std::move(text);
  PrintAnswer(answer, format, terminal);
}

}  // namespace orrery::cli
