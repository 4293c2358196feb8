#include "signing/client/evidence_block.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace orrery::signing {
namespace {

void Append(const EvidenceBlock::Registry& registry, std::string& text) {
  absl::StrAppend(&text, "registry ", registry.id, " ", registry.origin, "\n");
  absl::StrAppend(&text, "checkpoint sha256:", registry.note.Hex(), " ",
                  registry.size, " ", registry.quorum_time, "\n");
  absl::StrAppend(&text, "tlog-policy sha256:", registry.tlog_policy.Hex(),
                  "\nnames sha256:", registry.names.Hex(), "\n");
  if (registry.as_of.has_value()) {
    absl::StrAppend(&text, "as-of ", *registry.as_of, "\n");
  }
  if (registry.stale_by.has_value()) {
    absl::StrAppend(&text, "stale-by ", *registry.stale_by, "\n");
  }
}

void Append(const EvidenceBlock::Use& use, std::string& text) {
  absl::StrAppend(&text, "use ", use.registry, " ", use.source, " ");
  absl::StrAppend(&text, use.package, " ", use.release, " ", use.revision, " ");
  absl::StrAppend(&text, EvidenceName(use.evidence), " ", use.leaf,
                  " sha256:", use.statement.Hex());
  absl::StrAppend(&text, " ", use.tree.Text(), " sha256:", use.config.Hex(),
                  "\n");
}

void Append(const EvidenceBlock::Overlay& overlay, std::string& text) {
  absl::StrAppend(&text, "overlay ", overlay.registry, " ", overlay.source,
                  " ");
  absl::StrAppend(&text, overlay.package, " ", overlay.release, " ",
                  overlay.revision, " ");
  absl::StrAppend(&text, overlay.leaf, " sha256:", overlay.statement.Hex(), " ",
                  overlay.tree.Text(), "\n");
}

// A package's files and a user's options have their say in it: it must not
// begin a line of its own.
void Append(const EvidenceBlock::Unpinned& unpinned, std::string& text) {
  absl::StrAppend(&text, "unpinned ", unpinned.package, " ");
  for (const char c : unpinned.text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      absl::StrAppendFormat(&text, "%%%02X", static_cast<unsigned char>(c));
    } else {
      text.push_back(c);
    }
  }
  text.push_back('\n');
}

// All of them, in the order of `key`.
template <typename Part, typename Key>
void AppendBy(std::vector<Part>& parts, Key key, std::string& text) {
  std::stable_sort(
      parts.begin(), parts.end(),
      [&](const Part& a, const Part& b) { return a.*key < b.*key; });
  for (const Part& part : parts) Append(part, text);
}

}  // namespace

std::string PrintEvidenceBlock(EvidenceBlock block) {
  std::string text = "orrery/evidence/v1\n";
  AppendBy(block.registries, &EvidenceBlock::Registry::id, text);
  AppendBy(block.uses, &EvidenceBlock::Use::package, text);
  AppendBy(block.overlays, &EvidenceBlock::Overlay::package, text);
  AppendBy(block.unpinned, &EvidenceBlock::Unpinned::package, text);
  return text;
}

}  // namespace orrery::signing
