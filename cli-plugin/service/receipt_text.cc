#include "cli-plugin/service/receipt_text.h"

#include "absl/strings/str_cat.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"

namespace orrery::cli {

std::string KeptText(const registry::JsonValue& item) {
  return absl::StrCat("kept ", OneLine(MemberText(item, "kind")), " ",
                      OneLine(MemberText(item, "path")), "; remove it with ",
                      OneLine(MemberText(item, "remove_command")));
}

}  // namespace orrery::cli
