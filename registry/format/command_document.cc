#include "registry/format/command_document.h"

namespace orrery::registry {
namespace {

constexpr MemberRule<CommandDocument> kMembers[] = {
    {"pip", &ReadField<&CommandDocument::pip, CommandDocument>,
     /*required=*/true},
};

}  // namespace

Parsed<CommandDocument> ParseCommandDocument(const JsonValue& root) {
  Parsed<CommandDocument> result;
  FaultList faults;
  ReadObject<CommandDocument>(root, JsonPath(), kMembers, PackagingVersion::k20,
                              &faults, &result.document);
  result.faults = faults.Take();
  return result;
}

}  // namespace orrery::registry
